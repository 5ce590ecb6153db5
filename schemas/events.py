"""The facts on the CHAT stream: what was asked, and how it ended.

Events are past tense and never change; a reader ignores fields that it does not know. Times are
integer milliseconds since the Unix epoch, durations are milliseconds, lengths are tokens.
"""

from typing import Literal

import msgspec
from msgspec import Struct

EVENT_VERSION = 1

Role = Literal["system", "user", "assistant"]
Status = Literal["completed", "cancelled", "failed"]
FinishReason = Literal["stop", "length"]
ClientKind = Literal["openai", "api", "web", "mobile", "internal"]
RequestKind = Literal["chat", "title"]


class ChatMessage(Struct, frozen=True):
    """One turn's message as the model sees it."""

    role: Role
    content: str


class Sampling(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the model picks tokens; ``None`` means the model's own default.

    The meaning of each field is vLLM's ``SamplingParams``; ``max_tokens`` is cut to the room that
    the prompt leaves in the model's context.
    """

    max_tokens: int | None = None
    min_tokens: int = 0
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repetition_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    stop_token_ids: tuple[int, ...] = ()
    ignore_eos: bool = False


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens of one reply, each counted once however many attempts it took.

    ``cached_tokens`` are those of ``prompt_tokens`` that the engine had in its prefix cache.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


class Timings(Struct, frozen=True, kw_only=True):
    """Durations in milliseconds from the moment the gateway accepted the prompt.

    ``first_token_ms`` is ``None`` when no token was made; ``queue_ms`` ends with the first claim.
    """

    queue_ms: int
    first_token_ms: int | None
    total_ms: int


class Failure(Struct, frozen=True):
    """Why a reply failed: a machine-readable code and a sentence for a person."""

    code: str
    message: str


class PromptSubmitted(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A prompt was accepted; from here on its answer is never lost.

    ``temporary`` prompts are never written to the history. ``bound`` ones belong to the HTTP
    connection that asked. ``request_digest`` (SHA-256, hexadecimal) identifies the request body,
    so that an idempotency key that comes back with another body is seen. ``omitted_messages`` of
    the branch's oldest did not fit into the model's context.
    """

    reply_id: str
    user_id: str
    user_message_id: str
    assistant_message_id: str
    model: str
    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    submitted_at_ms: int
    deadline_ms: int
    client: ClientKind
    kind: RequestKind = "chat"
    conversation_id: str | None = None
    parent_id: str | None = None
    bound: bool = False
    temporary: bool = False
    request_digest: str = ""
    omitted_messages: int = 0
    version: int = EVENT_VERSION


class ReplyFinished(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A reply reached its one end; ``text`` is the fold of its frames."""

    reply_id: str
    user_id: str
    user_message_id: str
    assistant_message_id: str
    model: str
    status: Status
    text: str
    usage: Usage
    timings: Timings
    attempts: int
    submitted_at_ms: int
    finished_at_ms: int
    client: ClientKind
    kind: RequestKind = "chat"
    worker: str | None = None
    conversation_id: str | None = None
    temporary: bool = False
    finish_reason: FinishReason | None = None
    error: Failure | None = None
    version: int = EVENT_VERSION


class PromptDied(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A dead letter: a prompt that was given up because it killed its workers.

    It holds the whole prompt, to be tried again by ``python -m workers dead-letters retry``.
    """

    prompt: PromptSubmitted
    error: Failure
    attempts: int
    died_at_ms: int
    version: int = EVENT_VERSION


class ConversationCreated(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A conversation was made without a prompt, or imported; a first prompt makes one by itself."""

    conversation_id: str
    user_id: str
    at_ms: int
    title: str = ""
    model: str = ""
    system: str = ""
    sampling: Sampling | None = None
    created_at_ms: int | None = None
    updated_at_ms: int | None = None
    version: int = EVENT_VERSION


class Feedback(Struct, frozen=True, kw_only=True):
    """What a user thinks of an answer; ``none`` takes it back. ``reason`` is in their own words."""

    message_id: str
    rating: Literal["up", "down", "none"]
    reason: str = ""


class ConversationChanged(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """What its owner changed of a conversation; ``None`` is left as it was.

    ``leaf_id`` names a message of the branch that is shown. ``share_id`` is the public link's,
    ``""`` takes it back; ``share_leaf_id`` is the last message that the link shows. ``feedback``
    is about one of its answers.
    """

    conversation_id: str
    user_id: str
    at_ms: int
    title: str | None = None
    model: str | None = None
    system: str | None = None
    sampling: Sampling | None = None
    pinned: bool | None = None
    archived: bool | None = None
    leaf_id: str | None = None
    share_id: str | None = None
    share_leaf_id: str | None = None
    feedback: Feedback | None = None
    version: int = EVENT_VERSION


class ConversationDeleted(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A conversation is to be erased from the store and from both logs, for good."""

    conversation_id: str
    user_id: str
    at_ms: int
    reason: Literal["user", "retention"] = "user"
    version: int = EVENT_VERSION


class ImportedMessage(Struct, frozen=True, kw_only=True):
    """One message that was written elsewhere; ``parent_id`` is ``""`` for a first one."""

    message_id: str
    parent_id: str
    role: Literal["user", "assistant"]
    content: str
    created_at_ms: int
    model: str = ""


class MessagesImported(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """Messages were added to a conversation as they are; nothing is asked."""

    conversation_id: str
    user_id: str
    at_ms: int
    messages: tuple[ImportedMessage, ...]
    version: int = EVENT_VERSION


class UserErased(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """A user and all that is known of them is to be erased, for good."""

    user_id: str
    at_ms: int
    version: int = EVENT_VERSION


# The two halves of a turn.
TurnEvent = PromptSubmitted | ReplyFinished
ConversationEvent = (
    ConversationCreated | ConversationChanged | ConversationDeleted | MessagesImported
)
HistoryEvent = TurnEvent | ConversationEvent | UserErased
Event = HistoryEvent | PromptDied

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """Return the event as JSON."""
    return _encoder.encode(event)


def decode_event(data: bytes) -> Event:
    """Parse an event; raises ``msgspec.ValidationError`` (or ``DecodeError``) naming the field."""
    return _decoder.decode(data)
