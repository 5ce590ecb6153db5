"""Let finished replies ask for the titles of their conversations."""

from typing import Annotated

from faststream.nats import NatsBroker

from analytics.event_payload import EventPayload
from analytics.subscription import subscriber
from analytics.titling import Titling
from schemas.events import ReplyFinished
from schemas.streams import titles_consumer


def register_titles(broker: NatsBroker, titling: Titling) -> None:
    """Let ``broker`` hand finished replies to ``titling``."""

    @subscriber(broker, titles_consumer(), ReplyFinished)
    async def titles(event: Annotated[ReplyFinished, EventPayload()]) -> None:
        """Ask for a title after the first completed reply of a conversation."""
        await titling.entitle(event)
