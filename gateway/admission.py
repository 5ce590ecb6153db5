"""Build the event that says that a prompt was accepted. Pure: ids, clock and secret come in."""

import hashlib
from dataclasses import dataclass, field

from msgspec.structs import replace

from schemas.events import ChatMessage, ClientKind, PromptSubmitted, Sampling
from schemas.ids import new_reply_id, new_ulid
from schemas.prompt_log import sibling_prompt


@dataclass(frozen=True, kw_only=True)
class AskedPrompt:
    """What a client asks for, whichever route it came by.

    ``bound`` prompts belong to their connection; ``temporary`` ones are kept out of the history.
    ``request_digest`` identifies the request behind an idempotency key. ``sibling_of`` is the
    prompt that is asked once more, to which the fields above belong; ``user_message_id`` names a
    stored message that is. ``may_trim`` prompts lose their oldest turns where the model's context
    cannot hold them; ``omitted_messages`` were left out already.
    """

    user_id: str
    model: str
    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    client: ClientKind
    bound: bool = False
    temporary: bool = False
    conversation_id: str | None = None
    parent_id: str | None = None
    request_digest: str = ""
    idempotency_key: str | None = field(default=None, repr=False)
    sibling_of: PromptSubmitted | None = None
    user_message_id: str | None = None
    may_trim: bool = False
    omitted_messages: int = 0


def accepted_prompt(
    asked: AskedPrompt, secret: bytes, *, now_ms: int, start_deadline_s: float
) -> PromptSubmitted:
    """Return the event, with fresh ids."""
    if asked.sibling_of is not None:
        sibling = sibling_prompt(
            asked.sibling_of, secret, now_ms=now_ms, start_deadline_s=start_deadline_s
        )
        return replace(sibling, request_digest=asked.request_digest)
    return PromptSubmitted(
        reply_id=new_reply_id(secret, asked.user_id),
        user_id=asked.user_id,
        user_message_id=asked.user_message_id or new_ulid(now_ms),
        assistant_message_id=new_ulid(now_ms),
        model=asked.model,
        messages=asked.messages,
        sampling=asked.sampling,
        submitted_at_ms=now_ms,
        deadline_ms=now_ms + round(start_deadline_s * 1000),
        client=asked.client,
        conversation_id=asked.conversation_id,
        parent_id=asked.parent_id,
        bound=asked.bound,
        temporary=asked.temporary,
        request_digest=asked.request_digest,
        omitted_messages=asked.omitted_messages,
    )


def message_id(event: PromptSubmitted, idempotency_key: str | None) -> str:
    """Return the broker's message id of a prompt, with an idempotency key or without."""
    if idempotency_key is not None:
        return keyed_message_id(event.user_id, idempotency_key)
    return _message_id(event.user_id, f"reply:{event.reply_id}")


def keyed_message_id(user_id: str, idempotency_key: str) -> str:
    """Return the broker's message id of the prompt that a user's key stands for."""
    return _message_id(user_id, f"key:{idempotency_key}")


def _message_id(user_id: str, name: str) -> str:
    """Return an id in the user's own namespace, and never a client's raw key.

    Deduplication spans the whole stream: with raw keys one user could swallow another's prompt.
    Names are prefixed, or a client could choose the reply id of another prompt of its own as a key.
    """
    return f"prompt:{user_id}:{hashlib.sha256(name.encode()).hexdigest()}"


def digest_of(*parts: bytes) -> str:
    """Return the SHA-256 that identifies a request."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()
