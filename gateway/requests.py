"""The request bodies as types: what is accepted, in which ranges. OpenAPI is made from them."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

MAX_STOP_STRINGS = 16

StopString = Annotated[str, Meta(min_length=1)]


class SamplingFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the model picks tokens, in OpenAI's names and vLLM's for what OpenAI has not."""

    max_tokens: (
        Annotated[int, Meta(ge=1, lt=2**31, description="Most tokens of the reply")] | None
    ) = None
    min_tokens: (
        Annotated[int, Meta(ge=0, lt=2**31, description="Fewest tokens of the reply")] | None
    ) = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=-1, lt=2**31, description="0 or -1: all tokens")] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=2)] | None = None
    logit_bias: (
        Annotated[
            dict[
                Annotated[str, Meta(pattern=r"^[0-9]{1,9}$")],
                Annotated[float, Meta(ge=-100, le=100)],
            ],
            Meta(max_length=1024, description="Bias by token id"),
        ]
        | None
    ) = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    stop: StopString | Annotated[list[StopString], Meta(max_length=MAX_STOP_STRINGS)] | None = None
    stop_token_ids: (
        Annotated[list[Annotated[int, Meta(ge=0, lt=2**31)]], Meta(max_length=1024)] | None
    ) = None
    ignore_eos: Annotated[bool, Meta(description="Go on after the model's end")] | None = None


class ContentPart(Struct, kw_only=True, forbid_unknown_fields=True):
    """A piece of a message; only text is supported."""

    type: Literal["text"]
    text: str


class RequestMessage(Struct, kw_only=True, forbid_unknown_fields=True):
    """One message. ``developer`` means ``system``; the parts of a list are joined."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[ContentPart]


class StreamOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a stream carries beside the text."""

    include_usage: bool = False


class TextFormat(Struct, kw_only=True, forbid_unknown_fields=True):
    """The one response format."""

    type: Literal["text"]


class ChatCompletionRequest(SamplingFields, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /v1/chat/completions``."""

    model: Annotated[str, Meta(min_length=1)]
    messages: Annotated[list[RequestMessage], Meta(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    store: (
        Annotated[
            bool,
            Meta(
                description="true: the reply runs to its end whoever listens; false: it is not "
                "kept in the history; absent: it belongs to this connection and is kept"
            ),
        ]
        | None
    ) = None
    max_completion_tokens: Annotated[int, Meta(ge=1, lt=2**31)] | None = None
    n: Annotated[int, Meta(ge=1, le=1, description="Only 1 is supported")] = 1
    response_format: TextFormat | None = None
    logprobs: Annotated[Literal[False], Meta(description="Not supported")] = False
    user: Annotated[str, Meta(description="For your own bookkeeping; has no effect")] | None = None
    metadata: (
        Annotated[dict[str, str], Meta(description="For your own bookkeeping; has no effect")]
        | None
    ) = None


class PromptRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/prompts``."""

    model: (
        Annotated[str, Meta(min_length=1, description="Absent: the one of the conversation")] | None
    ) = None
    content: Annotated[str, Meta(min_length=1, description="What the user says")]
    conversation_id: (
        Annotated[str, Meta(description="Absent: the prompt begins a new conversation")] | None
    ) = None
    parent_id: (
        Annotated[
            str,
            Meta(
                description="The reply that this answers. Absent: the newest of the chosen branch; "
                "empty: none, the prompt is another beginning of the conversation"
            ),
        ]
        | None
    ) = None
    temporary: Annotated[
        bool,
        Meta(
            description="Never written to the history; it can be gone on with, by its "
            "`conversation_id` and `parent_id`, for an hour"
        ),
    ] = False
    params: (
        Annotated[SamplingFields, Meta(description="They win over the conversation's own")] | None
    ) = None


Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^\s*[^@\s]{1,64}@[^@\s]{1,189}\s*$",
        description="Upper and lower case are the same",
    ),
]
Password = Annotated[str, Meta(min_length=8, max_length=256)]
# Of one that is checked and not made: older rules may have allowed it.
GivenPassword = Annotated[str, Meta(min_length=1, max_length=256)]
PersonName = Annotated[str, Meta(min_length=1, max_length=100)]
Device = Annotated[str, Meta(max_length=100, description="What the list of sessions calls it")]
SessionKind = Literal["token", "cookie"]


class RegisterRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/auth/register``."""

    email: Email
    password: Password
    name: PersonName
    code: (
        Annotated[
            str, Meta(max_length=100, description="An invitation, or the code of the first admin")
        ]
        | None
    ) = None
    session: SessionKind = "token"
    device: Device = ""


class LoginRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/auth/login``."""

    email: Email
    password: GivenPassword
    session: SessionKind = "token"
    device: Device = ""


class RefreshRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/auth/refresh``; a browser's token is in its cookies."""

    refresh_token: Annotated[str, Meta(max_length=200)] | None = None


class ProfileRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PATCH /api/me``."""

    name: PersonName | None = None
    preferences: (
        Annotated[dict[str, Any], Meta(description="Those that change; null takes one away")] | None
    ) = None


class PasswordRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/me/password``; all other sessions end."""

    old_password: GivenPassword
    new_password: Password


class EraseRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``DELETE /api/me``: the password, because nothing of it can be undone."""

    password: GivenPassword


KeyScope = Literal["chat", "admin"]


class KeyRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/keys``."""

    name: PersonName
    scopes: Annotated[list[Literal["chat", "admin"]], Meta(min_length=1, max_length=2)] | None = (
        None
    )


class UserChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PATCH /api/admin/users/{user_id}``."""

    disabled: bool | None = None
    role: Literal["user", "admin"] | None = None


class InvitationRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/admin/invitations``."""

    role: Literal["user", "admin"] = "user"
    note: Annotated[str, Meta(max_length=200, description="Whom it is for")] = ""


Title = Annotated[str, Meta(min_length=1, max_length=200)]
SystemPrompt = Annotated[
    str, Meta(max_length=32_000, description="What the model is told before the first message")
]
ConversationModel = Annotated[str, Meta(max_length=200, description="Of prompts that name none")]


class NewConversation(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/conversations``; ``params`` are defaults of its prompts."""

    title: Title | None = None
    model: ConversationModel | None = None
    system: SystemPrompt | None = None
    params: SamplingFields | None = None


class ConversationChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PATCH /api/conversations/{conversation_id}``; what is absent stays."""

    title: Title | None = None
    model: ConversationModel | None = None
    system: SystemPrompt | None = None
    params: (
        Annotated[SamplingFields, Meta(description="Replaces all defaults of its prompts")] | None
    ) = None
    pinned: bool | None = None
    archived: bool | None = None
    leaf_id: (
        Annotated[str, Meta(max_length=26, description="A message of the branch to be shown")]
        | None
    ) = None


class FeedbackRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``PUT /api/conversations/{conversation_id}/messages/{message_id}/feedback``."""

    rating: Annotated[
        Literal["up", "down", "none"], Meta(description="`none` takes back what was said before")
    ]
    reason: Annotated[str, Meta(max_length=2_000, description="In the user's own words")] = ""


class ShareRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /api/conversations/{conversation_id}/share``."""

    leaf_id: (
        Annotated[
            str, Meta(max_length=26, description="The last message that is shown; absent: all")
        ]
        | None
    ) = None
