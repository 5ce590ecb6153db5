"""Fold finished replies into usage documents, also those that the history does not keep."""

from typing import Annotated

from faststream.nats import NatsBroker

from analytics.event_payload import EventPayload
from analytics.subscription import subscriber
from analytics.usage_documents import usage_document
from analytics.usage_store import UsageStore
from schemas.events import ReplyFinished, UserErased
from schemas.streams import usage_consumer


def register_usage(broker: NatsBroker, store: UsageStore) -> None:
    """Let ``broker`` hand finished replies to ``store``."""

    @subscriber(broker, usage_consumer(), ReplyFinished, UserErased)
    async def usage(event: Annotated[ReplyFinished | UserErased, EventPayload()]) -> None:
        """Count what a reply cost; a repeated event counts once, an erased user not at all."""
        await keep_usage(event, store)


async def keep_usage(event: ReplyFinished | UserErased, store: UsageStore) -> None:
    """Write one event to the usage."""
    if isinstance(event, UserErased):
        await store.erase_user(event.user_id)
    else:
        await store.add(usage_document(event))
        await store.forget_if_erased(event.user_id)
