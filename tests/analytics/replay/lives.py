"""Events of whole lives of conversations, for a log that is replayed."""

from typing import Any

from schemas import ids
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    Event,
    Failure,
    Feedback,
    ImportedMessage,
    MessagesImported,
    Sampling,
    UserErased,
)
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of


def life_of(user_id: str, at_ms: int = SUBMITTED_AT_MS) -> list[Event]:
    """Return what a user does: everything that there is, with a conversation erased."""
    made = ids.new_ulid()
    same: dict[str, Any] = {"conversation_id": made, "user_id": user_id, "at_ms": at_ms}
    first = prompt_of(user_id, conversation_id=made, submitted_at_ms=at_ms, omitted_messages=3)
    retry = prompt_of(user_id, conversation_id=made, user_message_id=first.user_message_id)
    title = prompt_of(user_id, conversation_id=made, kind="title")
    failed = end_of(retry, status="failed", finish_reason=None, error=Failure("x", "sorry"))
    imported = ImportedMessage(
        message_id=ids.new_ulid(), parent_id="", role="user", content="Hi", created_at_ms=5
    )
    temporary, bare, gone = (
        prompt_of(user_id, temporary=True),
        prompt_of(user_id, conversation_id=None),
        prompt_of(user_id),
    )
    return [
        ConversationCreated(**same, system="Be short.", sampling=Sampling(temperature=0.5)),
        first,
        retry,
        end_of(first, status="cancelled", finished_at_ms=at_ms + 900),
        failed,
        # Two hands ended it; the one that finished first counts, though it comes last.
        end_of(first, finished_at_ms=at_ms + 100),
        title,
        end_of(title, text="A title"),
        ConversationChanged(**same, pinned=True, share_id=ids.new_ulid()),
        ConversationChanged(**same, title="Renamed", leaf_id=first.assistant_message_id),
        ConversationChanged(
            **same, feedback=Feedback(message_id=first.assistant_message_id, rating="down")
        ),
        ConversationChanged(
            **same, feedback=Feedback(message_id=first.assistant_message_id, rating="up")
        ),
        MessagesImported(**same, messages=(imported,)),
        temporary,
        end_of(temporary, text="a secret of the moment"),
        bare,
        end_of(bare, text="\N{WAVING HAND SIGN} bare"),
        gone,
        end_of(gone),
        ConversationDeleted(
            conversation_id=str(gone.conversation_id), user_id=user_id, at_ms=at_ms
        ),
        # A redelivery long after, and an end without a prompt.
        first,
        end_of(prompt_of(user_id), finished_at_ms=7),
    ]


def erased_life_of(user_id: str) -> list[Event]:
    """Return the same of a user who is erased in the end, and what comes too late."""
    late = prompt_of(user_id)
    return [*life_of(user_id), UserErased(user_id=user_id, at_ms=SUBMITTED_AT_MS), late]
