"""Find the prompt of a reply in the log of facts, and ask for it once more.

The log has no index by reply id, but a reply id says when it was made and whose it is: the user's
prompts of that moment are few.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.events import PromptSubmitted, decode_event
from schemas.ids import made_at_ms, new_reply_id, new_ulid
from schemas.streams import CHAT

# The gateway that made the id and the broker that stored the prompt may disagree about the time,
# and a prompt may have waited for a broker that was away.
_BEFORE_MS = 5_000
_AFTER_MS = 60_000
_BATCH = 64
_BATCH_BYTES = 4 * 1024 * 1024


class StoredPrompt(NamedTuple):
    """A prompt and its sequence in the CHAT stream."""

    prompt: PromptSubmitted
    sequence: int


async def find_prompt(direct_get: DirectGet, user_id: str, reply_id: str) -> StoredPrompt | None:
    """Return the prompt of a reply, or ``None`` if the log does not hold it (any more).

    Raises ``LogUnavailable``.
    """
    made_ms = made_at_ms(reply_id)
    request: dict[str, object] = {"start_time": _iso(made_ms - _BEFORE_MS)}
    limits = {"batch": _BATCH, "max_bytes": _BATCH_BYTES}
    while True:
        messages, pending = await direct_get.read(
            CHAT, {**request, "next_by_subj": subjects.prompts_of_user(user_id), **limits}
        )
        for message in messages:
            headers = message.headers or {}
            stored_at = datetime.fromisoformat(headers["Nats-Time-Stamp"])
            if stored_at.timestamp() * 1000 > made_ms + _AFTER_MS:
                return None
            sequence = int(headers["Nats-Sequence"])
            prompt = _prompt_or_none(message.data)
            if prompt is not None and prompt.reply_id == reply_id:
                return StoredPrompt(prompt, sequence)
            request = {"seq": sequence + 1}
        if not messages or not pending:
            return None


def sibling_prompt(
    prompt: PromptSubmitted, secret: bytes, *, now_ms: int, start_deadline_s: float
) -> PromptSubmitted:
    """Return the same question anew: another answer beside the first one. Pure but for the ids."""
    return replace(
        prompt,
        reply_id=new_reply_id(secret, prompt.user_id),
        assistant_message_id=new_ulid(now_ms),
        submitted_at_ms=now_ms,
        deadline_ms=now_ms + round(start_deadline_s * 1000),
        # Nobody holds a connection for it.
        bound=False,
    )


def _prompt_or_none(data: bytes) -> PromptSubmitted | None:
    try:
        event = decode_event(data)
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, PromptSubmitted) else None


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat().replace("+00:00", "Z")
