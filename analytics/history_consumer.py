"""Fold what was asked, answered and changed into conversations and messages, and erase them."""

from typing import Annotated

from faststream.nats import NatsBroker

from analytics.conversation_fold import (
    with_change,
    with_creation,
    with_import,
    with_prompt,
    with_title_prompt,
)
from analytics.erasure import Erasure
from analytics.event_payload import EventPayload
from analytics.history_documents import finished_answer, imported_messages, messages_of_prompt
from analytics.history_store import Fold, HistoryStore
from analytics.place import handled
from analytics.subscription import subscriber
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    ConversationEvent,
    HistoryEvent,
    MessagesImported,
    PromptSubmitted,
    ReplyFinished,
    TurnEvent,
    UserErased,
)
from schemas.streams import history_consumer

_KINDS = (
    PromptSubmitted,
    ReplyFinished,
    ConversationCreated,
    ConversationChanged,
    ConversationDeleted,
    MessagesImported,
    UserErased,
)


def register_history(broker: NatsBroker, store: HistoryStore, erasure: Erasure) -> None:
    """Let ``broker`` hand the events of the history to ``store`` and ``erasure``."""

    @subscriber(broker, history_consumer(), *_KINDS)
    async def history(event: Annotated[HistoryEvent, EventPayload()]) -> None:
        """Keep what was said and changed; events may come in any order, and repeatedly."""
        await keep_history(event, handled.get().stream_sequence, store, erasure)


async def keep_history(
    event: HistoryEvent, sequence: int, store: HistoryStore, erasure: Erasure
) -> None:
    """Write one event to the history; ``sequence`` is its place in the log."""
    if isinstance(event, UserErased):
        await erasure.begin(event.user_id, "", "user", event.at_ms)
    elif isinstance(event, ConversationDeleted):
        await erasure.begin(event.user_id, event.conversation_id, event.reason, event.at_ms)
    else:
        if isinstance(event, PromptSubmitted | ReplyFinished):
            await _keep_turn(event, sequence, store)
        else:
            await _keep_change(event, sequence, store)
        # After the writes, always: an erasure that was noted before them is seen now, and one that
        # is noted after them finds the documents.
        await erasure.erase_late(event)


async def _keep_turn(event: TurnEvent, sequence: int, store: HistoryStore) -> None:
    if event.temporary:
        return
    if event.kind == "title":
        await _fold(event, store, lambda old: with_title_prompt(old, event, sequence))
    elif isinstance(event, PromptSubmitted):
        # Messages first: whoever sees the conversation finds its messages.
        await store.add_turn(messages_of_prompt(event, sequence))
        await _fold(event, store, lambda old: with_prompt(old, event, sequence))
    else:
        await store.finish_answer(finished_answer(event, sequence))


async def _keep_change(event: ConversationEvent, sequence: int, store: HistoryStore) -> None:
    if isinstance(event, MessagesImported):
        await store.add_messages(imported_messages(event, sequence))
        await _fold(event, store, lambda old: with_import(old, event, sequence))
    elif isinstance(event, ConversationCreated):
        await _fold(event, store, lambda old: with_creation(old, event, sequence))
    elif isinstance(event, ConversationChanged):
        await _fold(event, store, lambda old: with_change(old, event, sequence))


async def _fold(event: TurnEvent | ConversationEvent, store: HistoryStore, fold: Fold) -> None:
    """Change the event's conversation; a bare chat completion has none."""
    if event.conversation_id:
        await store.fold_conversation(event.conversation_id, event.user_id, fold)
