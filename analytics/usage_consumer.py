"""Fold finished replies into usage documents, also those that the history does not keep."""

from typing import Annotated

from faststream.nats import NatsBroker

from analytics.event_payload import EventPayload
from analytics.subscription import subscriber
from analytics.usage_documents import usage_document
from analytics.usage_store import UsageStore
from schemas.events import ReplyFinished
from schemas.streams import usage_consumer


def register_usage(broker: NatsBroker, store: UsageStore) -> None:
    """Let ``broker`` hand finished replies to ``store``."""

    @subscriber(broker, usage_consumer(), ReplyFinished)
    async def usage(event: Annotated[ReplyFinished, EventPayload()]) -> None:
        """Count what a reply cost; a repeated event counts once."""
        await store.add(usage_document(event))
