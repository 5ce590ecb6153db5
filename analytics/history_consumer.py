"""Fold prompts and finished replies into conversations and messages."""

from typing import Annotated

from faststream.nats import NatsBroker

from analytics.event_payload import EventPayload
from analytics.history_documents import (
    belongs_to_history,
    documents_of_prompt,
    finished_answer,
)
from analytics.history_store import HistoryStore
from analytics.subscription import subscriber
from schemas.events import PromptSubmitted, ReplyFinished, TurnEvent
from schemas.streams import history_consumer


def register_history(broker: NatsBroker, store: HistoryStore) -> None:
    """Let ``broker`` hand the events of the history to ``store``."""

    @subscriber(broker, history_consumer(), PromptSubmitted, ReplyFinished)
    async def history(event: Annotated[TurnEvent, EventPayload()]) -> None:
        """Keep the question and its answer; they may come in either order, and repeatedly."""
        await keep_history(event, store)


async def keep_history(event: TurnEvent, store: HistoryStore) -> None:
    """Write one event to the history."""
    if not belongs_to_history(event):
        return
    if isinstance(event, PromptSubmitted):
        await store.add_prompt(documents_of_prompt(event))
    else:
        await store.finish_answer(finished_answer(event))
