"""Find prompts in the log of facts, and ask for one once more.

The log has no index by id, but an id says when it was made, and the user's prompts of that moment
are few.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.events import PromptSubmitted
from schemas.fact_log import facts_since
from schemas.ids import made_at_ms, new_reply_id, new_ulid

# The gateway that made the id and the broker that stored the prompt may disagree about the time,
# and a prompt may have waited for a broker that was away.
BEFORE_MS = 5_000
AFTER_MS = 60_000


class StoredPrompt(NamedTuple):
    """A prompt, its sequence in the CHAT stream and the headers that it has there."""

    prompt: PromptSubmitted
    sequence: int
    headers: Mapping[str, str]


def subject_of(prompt: PromptSubmitted) -> str:
    """Return where a prompt is published."""
    if prompt.kind == "title":
        return subjects.title_prompt(prompt.user_id, prompt.model)
    lane = subjects.lane_of(prompt.conversation_id or prompt.reply_id)
    return subjects.prompt(prompt.user_id, prompt.model, lane)


async def find_prompt(direct_get: DirectGet, user_id: str, reply_id: str) -> StoredPrompt | None:
    """Return the prompt of a reply, or ``None`` if the log does not hold it (any more).

    Raises ``LogUnavailable``.
    """
    return await _find(direct_get, user_id, reply_id, lambda prompt: prompt.reply_id == reply_id)


async def find_prompt_of_answer(
    direct_get: DirectGet, user_id: str, message_id: str
) -> StoredPrompt | None:
    """Return the prompt whose answer is this message, as ``find_prompt`` does."""
    return await _find(
        direct_get, user_id, message_id, lambda prompt: prompt.assistant_message_id == message_id
    )


async def find_first_prompt(
    direct_get: DirectGet, user_id: str, conversation_id: str
) -> StoredPrompt | None:
    """Return the prompt that began a conversation, as ``find_prompt`` does."""
    return await _find(
        direct_get,
        user_id,
        conversation_id,
        lambda prompt: prompt.conversation_id == conversation_id,
    )


async def _find(
    direct_get: DirectGet,
    user_id: str,
    identifier: str,
    is_it: Callable[[PromptSubmitted], bool],
) -> StoredPrompt | None:
    made_ms = made_at_ms(identifier)
    subject = subjects.prompts_of_user(user_id)
    async for fact in facts_since(direct_get, subject, made_ms - BEFORE_MS):
        if fact.stored_at_ms > made_ms + AFTER_MS:
            return None
        if isinstance(fact.event, PromptSubmitted) and is_it(fact.event):
            return StoredPrompt(fact.event, fact.sequence, fact.headers)
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
