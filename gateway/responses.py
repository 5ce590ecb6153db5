"""The response bodies as types; OpenAPI is made from them."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from schemas.events import Failure, Timings, Usage

OpenAIFinishReason = Literal["stop", "length"]


class ErrorObject(Struct, kw_only=True):
    """What went wrong and what to do; ``param`` names the field that is to blame."""

    message: str
    type: Literal["invalid_request_error", "rate_limit_error", "server_error"]
    code: str
    param: str | None


class ErrorResponse(Struct, kw_only=True):
    """The one error shape of every route."""

    error: ErrorObject


class TokenDetails(Struct, kw_only=True):
    """What is known of the prompt's tokens."""

    cached_tokens: int


class CompletionUsage(Struct, kw_only=True):
    """Tokens of one reply, each counted once."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: TokenDetails


class AssistantMessage(Struct, kw_only=True):
    """The whole reply."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class CompletionChoice(Struct, kw_only=True):
    """The one choice."""

    index: int = 0
    message: AssistantMessage
    logprobs: None = None
    finish_reason: OpenAIFinishReason


class ChatCompletion(Struct, kw_only=True):
    """The answer of a call that does not stream."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: CompletionUsage


class ChunkDelta(Struct, kw_only=True, omit_defaults=True):
    """What a chunk adds; the first one has the role, the last one nothing."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Struct, kw_only=True):
    """The one choice."""

    index: int = 0
    delta: ChunkDelta
    logprobs: None = None
    finish_reason: OpenAIFinishReason | None


class ChatCompletionChunk(Struct, kw_only=True):
    """One event of a stream; ``data: [DONE]`` follows the last.

    With ``include_usage`` every chunk has ``usage``: ``null``, and numbers in an extra last one.
    """

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: CompletionUsage | None = None


class Model(Struct, kw_only=True):
    """A model that prompts may name; without a ready worker they wait for one."""

    id: str
    object: Literal["model"] = "model"
    # OpenAI's type requires a time; when a model was made is not known here.
    created: int = 0
    owned_by: str = "rivulet"
    ready: bool
    max_model_len: Annotated[int | None, Meta(description="Tokens of prompt and reply together")]


class ModelList(Struct, kw_only=True):
    """Every known model."""

    object: Literal["list"] = "list"
    data: list[Model]


class AcceptedPrompt(Struct, kw_only=True):
    """The prompt's ids; its reply is read at ``/api/replies/{reply_id}/events``."""

    reply_id: str
    conversation_id: str | None
    user_message_id: str
    assistant_message_id: str
    omitted_messages: Annotated[
        int, Meta(description="Of the conversation's oldest, which the model's context cannot hold")
    ] = 0


class CancelledReply(Struct, kw_only=True):
    """The reply's one result: it may have ended otherwise just before it was cancelled.

    ``slot_free``: its worker's engine slot is known to be free; ``false`` where the worker did not
    say so within two seconds.
    """

    reply_id: str
    status: Literal["completed", "cancelled", "failed"]
    slot_free: bool


class ReplyQueued(Struct, kw_only=True):
    """The ``data`` of ``event: queue``: position 1 is the next reply that a worker begins.

    ``eta_s`` is whole seconds: the position times what a reply takes, divided by the slots of the
    live workers. ``null`` without such a worker, and while none of them has ended a reply.
    """

    position: int
    eta_s: float | None


class ReplyDelta(Struct, kw_only=True):
    """The ``data`` of an event with text."""

    delta: str
    done: Literal[False] = False


class ReplyDone(Struct, kw_only=True):
    """The ``data`` of the last event. A reply that comes from the store has only its status."""

    delta: Literal[""] = ""
    done: Literal[True] = True
    status: Literal["completed", "cancelled", "failed"]
    finish_reason: str | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: Failure | None = None


class Alive(Struct, kw_only=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Struct, kw_only=True):
    """Which parts are there; ``worker`` once a first one was seen since the start."""

    status: Literal["ready", "unavailable"]
    broker: bool
    store: bool
    worker: bool


class Profile(Struct, kw_only=True):
    """An account as its owner sees it."""

    user_id: str
    email: str
    name: str
    role: Literal["user", "admin"]
    created_at_ms: int
    preferences: dict[str, Any]


class SignedInUser(Struct, kw_only=True):
    """A session has begun or goes on. In a browser's session the cookies hold the tokens."""

    user: Profile
    expires_in: Annotated[int, Meta(description="Seconds for which the access token is good")]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - of RFC 6750
    access_token: str | None = None
    refresh_token: str | None = None


class Done(Struct, kw_only=True):
    """It is done."""

    status: Literal["ok"] = "ok"


class ActiveSession(Struct, kw_only=True):
    """One sign-in; ``current``: the request was made in it."""

    session_id: str
    device: str
    created_at_ms: int
    refreshed_at_ms: int
    current: bool


class SessionList(Struct, kw_only=True):
    """Every sign-in of the user, the latest first."""

    data: list[ActiveSession]


class KeyShown(Struct, kw_only=True):
    """An API key without the key; ``used_at_ms`` is 0 for one that was never used."""

    key_id: str
    name: str
    scopes: list[str]
    created_at_ms: int
    used_at_ms: int


class NewKey(Struct, kw_only=True):
    """An API key, the one time that it is shown."""

    key: str
    key_id: str
    name: str
    scopes: list[str]
    created_at_ms: int


class KeyList(Struct, kw_only=True):
    """Every API key of the user, the newest first."""

    data: list[KeyShown]


class UserShown(Struct, kw_only=True):
    """An account as admins see it."""

    user_id: str
    email: str
    name: str
    role: Literal["user", "admin"]
    disabled: bool
    created_at_ms: int


class UserPage(Struct, kw_only=True):
    """Some accounts, oldest first; ``next`` is given back as ``after``, ``null`` at the end."""

    data: list[UserShown]
    next: str | None


class InvitationShown(Struct, kw_only=True):
    """An invitation without its code; ``used_by`` is a user id once somebody has used it."""

    invitation_id: str
    role: Literal["user", "admin"]
    note: str
    created_at_ms: int
    expires_at_ms: int
    used_by: str | None


class NewInvitation(Struct, kw_only=True):
    """An invitation with its code, the one time that it is shown."""

    code: str
    invitation: InvitationShown


class InvitationList(Struct, kw_only=True):
    """Every invitation, the latest first."""

    data: list[InvitationShown]


class ConversationSummary(Struct, kw_only=True):
    """An entry of the list."""

    conversation_id: str
    title: str
    model: str
    pinned: bool
    archived: bool
    shared: bool
    created_at_ms: int
    updated_at_ms: int


class ConversationList(Struct, kw_only=True):
    """Pinned conversations first, then the others from the newest on.

    ``next`` is given back as ``after``, ``null`` at the end.
    """

    data: list[ConversationSummary]
    next: str | None


class ConversationShown(Struct, kw_only=True):
    """A conversation with its settings; ``share_path`` is its public link without the host."""

    conversation_id: str
    title: str
    model: str
    system: str
    params: dict[str, Any]
    pinned: bool
    archived: bool
    leaf_id: str | None
    share_path: str | None
    created_at_ms: int
    updated_at_ms: int


class FeedbackShown(Struct, kw_only=True):
    """What the user thinks of an answer."""

    rating: Literal["up", "down"]
    reason: str


class MessageShown(Struct, kw_only=True):
    """One message of the tree; edits and regenerations have the same ``parent_id``.

    ``omitted_messages`` of the branch did not fit into the model's context.
    """

    message_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    status: Literal["sent", "pending", "completed", "cancelled", "failed"]
    model: str
    reply_id: str | None
    created_at_ms: int
    finish_reason: str | None
    error: dict[str, str] | None
    omitted_messages: int
    feedback: FeedbackShown | None


class OpenedConversation(Struct, kw_only=True):
    """A conversation with its tree of messages, oldest first.

    ``branch`` lists the messages that are shown, from the first to the last.
    """

    conversation: ConversationShown
    messages: list[MessageShown]
    branch: list[str]


class MessageFound(Struct, kw_only=True):
    """A message that has all words of the search."""

    message_id: str
    role: Literal["user", "assistant"]
    created_at_ms: int
    excerpt: str


class SearchHitShown(Struct, kw_only=True):
    """A conversation that was found by its title, by messages, or both."""

    conversation: ConversationSummary
    by_title: bool
    messages: list[MessageFound]


class SearchResults(Struct, kw_only=True):
    """What was found, the newest conversation first."""

    data: list[SearchHitShown]


class SharedMessage(Struct, kw_only=True):
    """One message of a shared branch."""

    role: Literal["user", "assistant"]
    content: str
    created_at_ms: int


class SharedConversation(Struct, kw_only=True):
    """What everybody with the link sees."""

    title: str
    model: str
    messages: list[SharedMessage]


class ErasureShown(Struct, kw_only=True):
    """What was removed; ``accepted``: it is on its way, and nothing of it is shown any more."""

    status: Literal["erased", "accepted"]
    conversations: int = 0
    messages: int = 0
    log_events: Annotated[int, Meta(description="Of the log of facts")] = 0
    reply_frames: Annotated[int, Meta(description="Of the token log")] = 0


class SkippedImport(Struct, kw_only=True):
    """A conversation that was left out, or imported without some of it.

    ``index`` counts the file's conversations from 0.
    """

    index: int
    title: str
    reason: str


class ImportReport(Struct, kw_only=True):
    """What an import has brought; a repeat with its Idempotency-Key reports the same."""

    conversations: int
    messages: int
    skipped: Annotated[list[SkippedImport], Meta(description="The first 1,000 of them")]
    skipped_total: int
