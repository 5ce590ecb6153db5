"""Events of one reply, as gateway and worker publish them."""

from typing import Any

from schemas import ids
from schemas.events import (
    ChatMessage,
    PromptSubmitted,
    ReplyFinished,
    Sampling,
    Timings,
    Usage,
)

SECRET = b"test"
SUBMITTED_AT_MS = 1_790_000_000_000
MODEL = "rivulet-demo"


def prompt_of(user_id: str | None = None, **changes: Any) -> PromptSubmitted:
    """Return a prompt with fresh ids in a conversation of its own."""
    user = user_id or ids.new_user_id()
    fields: dict[str, Any] = {
        "reply_id": ids.new_reply_id(SECRET, user),
        "user_id": user,
        "user_message_id": ids.new_ulid(),
        "assistant_message_id": ids.new_ulid(),
        "conversation_id": ids.new_ulid(),
        "model": MODEL,
        "messages": (ChatMessage("user", "What is a frame?"),),
        "sampling": Sampling(),
        "submitted_at_ms": SUBMITTED_AT_MS,
        "deadline_ms": SUBMITTED_AT_MS + 600_000,
        "client": "api",
    }
    return PromptSubmitted(**{**fields, **changes})


def end_of(prompt: PromptSubmitted, **changes: Any) -> ReplyFinished:
    """Return how the prompt's reply ended."""
    fields: dict[str, Any] = {
        "reply_id": prompt.reply_id,
        "user_id": prompt.user_id,
        "user_message_id": prompt.user_message_id,
        "assistant_message_id": prompt.assistant_message_id,
        "conversation_id": prompt.conversation_id,
        "model": prompt.model,
        "client": prompt.client,
        "kind": prompt.kind,
        "temporary": prompt.temporary,
        "status": "completed",
        "finish_reason": "stop",
        "text": "One message of a reply stream.",
        "usage": Usage(prompt_tokens=7, completion_tokens=6, cached_tokens=3),
        "timings": Timings(queue_ms=4, first_token_ms=15, total_ms=120),
        "attempts": 1,
        "worker": "w1",
        "submitted_at_ms": prompt.submitted_at_ms,
        "finished_at_ms": prompt.submitted_at_ms + 120,
    }
    return ReplyFinished(**{**fields, **changes})
