"""What the log of facts says of a conversation that the history has not heard of yet. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from gateway.history import ROOT, StoredMessage
from schemas.events import ConversationChanged, ConversationCreated, Event, PromptSubmitted


class LoggedState(NamedTuple):
    """The latest of each; ``None`` where nothing was said. ``sampling`` has its struct's names.

    ``leaf_id`` is a message of the branch that was chosen last, or the newest answer. Of
    ``messages`` only the tree is known: answers count as pending.
    """

    messages: tuple[StoredMessage, ...] = ()
    leaf_id: str | None = None
    model: str | None = None
    system: str | None = None
    sampling: dict[str, Any] | None = None


def folded_state(events: Iterable[Event]) -> LoggedState:
    """Return the state after a conversation's events, which come in the order of the log."""
    state = LoggedState()
    for event in events:
        if isinstance(event, PromptSubmitted):
            state = state._replace(
                messages=(*state.messages, *_messages(event)),
                leaf_id=event.assistant_message_id,
                model=event.model,
            )
        elif isinstance(event, ConversationCreated | ConversationChanged):
            said: dict[str, Any] = {
                "leaf_id": getattr(event, "leaf_id", None),
                "model": event.model,
                "system": event.system,
                "sampling": None if event.sampling is None else msgspec.to_builtins(event.sampling),
            }
            state = state._replace(**{name: one for name, one in said.items() if one is not None})
    return state


def _messages(event: PromptSubmitted) -> tuple[StoredMessage, StoredMessage]:
    question, answer = event.user_message_id, event.assistant_message_id
    at_ms = event.submitted_at_ms
    return (
        StoredMessage(question, event.parent_id or ROOT, "user", "", "sent", at_ms),
        StoredMessage(answer, question, "assistant", "", "pending", at_ms),
    )
