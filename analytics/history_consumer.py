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
        await erasure.erase_user(event)
    elif isinstance(event, ConversationDeleted):
        await erasure.erase_conversation(event)
    else:
        if isinstance(event, PromptSubmitted | ReplyFinished):
            goes_on = await _keep_turn(event, sequence, store)
        else:
            goes_on = await _keep_change(event, sequence, store)
        # What goes on with something that is there is not late, or the erasure's second pass
        # finds it; what begins something may bring back what was erased.
        if not goes_on:
            await erasure.erase_late(event, sequence)


async def _keep_turn(event: TurnEvent, sequence: int, store: HistoryStore) -> bool:
    """Write it; return whether it goes on with something that was there."""
    if event.temporary:
        return False
    if event.kind == "title":
        return await _fold(event, store, lambda old: with_title_prompt(old, event, sequence))
    if isinstance(event, PromptSubmitted):
        # Messages first: whoever sees the conversation finds its messages.
        await store.add_turn(messages_of_prompt(event, sequence))
        return await _fold(event, store, lambda old: with_prompt(old, event, sequence))
    return await store.finish_answer(finished_answer(event, sequence))


async def _keep_change(event: ConversationEvent, sequence: int, store: HistoryStore) -> bool:
    """Write it; return whether its conversation was there."""
    if isinstance(event, MessagesImported):
        await store.add_messages(imported_messages(event, sequence))
        return await _fold(event, store, lambda old: with_import(old, event, sequence))
    if isinstance(event, ConversationCreated):
        return await _fold(event, store, lambda old: with_creation(old, event, sequence))
    if isinstance(event, ConversationChanged):
        return await _fold(event, store, lambda old: with_change(old, event, sequence))
    return False


async def _fold(event: TurnEvent | ConversationEvent, store: HistoryStore, fold: Fold) -> bool:
    """Change the event's conversation, if it has one; return whether that was there."""
    if not event.conversation_id:
        return False
    return await store.fold_conversation(event.conversation_id, event.user_id, fold)
