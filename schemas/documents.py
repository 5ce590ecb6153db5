"""The documents that the projections hold, and the names of their databases and collections.

``_id`` is always a string and every time an integer of milliseconds; each document of a user
carries ``user_id``. Usage has a database of its own, because the embedded store serialises the
requests of one database.
"""

from typing import Literal, NotRequired, TypedDict

CHAT_DATABASE = "rivulet_chat"
USAGE_DATABASE = "rivulet_usage"
ACCOUNTS_DATABASE = "rivulet_accounts"

CONVERSATIONS = "conversations"
MESSAGES = "messages"
USAGE = "usage"
USERS = "users"
API_KEYS = "api_keys"

MessageStatus = Literal["sent", "pending", "completed", "cancelled", "failed"]


class ConversationDocument(TypedDict):
    """One conversation; ``rank`` orders a user's list, newest highest.

    ``rank`` is ``updated_at_ms`` * 1000 and three digits of a hash of the id, which keep it
    unique. ``last_reply_id`` is the latest prompt's, from which ``model`` and times come.
    """

    _id: str
    user_id: str
    title: str
    model: str
    created_at_ms: int
    updated_at_ms: int
    rank: int
    last_reply_id: str


class MessageDocument(TypedDict):
    """One message of the tree; the parent of a conversation's first message is ``""``.

    ``conversation_id`` is ``""`` for a bare chat completion: one stored exchange, not listed. Its
    user message then also holds all ``messages`` that were sent.
    """

    _id: str
    user_id: str
    conversation_id: str
    parent_id: str
    reply_id: str
    role: Literal["user", "assistant"]
    content: str
    model: str
    status: MessageStatus
    created_at_ms: int
    messages: NotRequired[list[dict[str, str]]]
    finish_reason: NotRequired[str]
    error: NotRequired[dict[str, str]]
    finished_at_ms: NotRequired[int]


class UsageDocument(TypedDict):
    """What one reply cost and how long it took; ``_id`` is the reply id."""

    _id: str
    user_id: str
    conversation_id: str
    model: str
    worker: str
    client: str
    kind: str
    status: str
    attempts: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    queue_ms: int
    first_token_ms: int
    total_ms: int
    submitted_at_ms: int
    finished_at_ms: int
    hour_ms: int


class UserDocument(TypedDict):
    """An account. The user ``dev`` has no password and counts as no account."""

    _id: str
    name: str
    created_at_ms: int


class ApiKeyDocument(TypedDict):
    """An API key; ``_id`` is its SHA-256 in hexadecimal, the key itself is shown once."""

    _id: str
    user_id: str
    name: str
    scopes: list[str]
    created_at_ms: int
