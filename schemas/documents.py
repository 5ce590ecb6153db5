"""The documents that the projections hold, and the names of their databases and collections.

``_id`` is always a string and every time an integer of milliseconds; each document of a user
carries ``user_id``. Usage has a database of its own, because the embedded store serialises the
requests of one database.
"""

import zlib
from typing import Literal, NotRequired, TypedDict

CHAT_DATABASE = "rivulet_chat"
USAGE_DATABASE = "rivulet_usage"
ACCOUNTS_DATABASE = "rivulet_accounts"
QUARANTINE_DATABASE = "rivulet_quarantine"

CONVERSATIONS = "conversations"
MESSAGES = "messages"
ERASURES = "erasures"
TITLES = "titles"
USAGE = "usage"
USAGE_MINUTES = "usage_minutes"
USAGE_HOURS = "usage_hours"
USAGE_TOTALS = "usage_totals"
USAGE_STALE = "usage_stale"
QUARANTINE = "events"
USERS = "users"
API_KEYS = "api_keys"
EMAILS = "emails"
SESSIONS = "sessions"
INVITATIONS = "invitations"
LOGIN_FAILURES = "login_failures"

_RANKS_PER_MS = 1_000
RANKS_PER_SHELF = 2_500_000_000_000_000

MessageStatus = Literal["sent", "pending", "completed", "cancelled", "failed"]


class ConversationDocument(TypedDict):
    """One conversation; ``rank`` orders a user's list, newest highest.

    ``rank`` is ``rank_of``'s, 0 while nothing but changes of it are known. ``last_reply_id`` is the
    latest prompt's, from which times come. An import brings its own times; ``touched_at_ms`` says
    when somebody last asked or imported something. ``leaf_id`` is a message of the branch that was
    chosen last. ``title_by`` tells who wrote the title: ``prompt`` stands for the first words of
    the first question. ``search`` is what the text index holds. ``feedback`` has ``rating`` and
    ``reason`` by the id of the answer that they are about.

    ``seqs`` holds for each field the stream sequence of the event that wrote it, ``log_seqs`` and
    ``reply_ids`` what an erasure must remove from the logs beside the messages' own. ``revision``
    is a digest of all the rest: an update is refused when it has changed meanwhile.
    """

    _id: str
    user_id: str
    title: str
    title_by: Literal["", "prompt", "model", "user"]
    search: str
    model: str
    system: str
    sampling: dict[str, object]
    pinned: bool
    archived: bool
    created_at_ms: int
    updated_at_ms: int
    touched_at_ms: int
    rank: int
    last_reply_id: str
    leaf_id: str
    share_id: str
    share_leaf_id: str
    feedback: dict[str, dict[str, str]]
    seqs: dict[str, int]
    log_seqs: list[int]
    reply_ids: list[str]
    revision: str


class MessageDocument(TypedDict):
    """One message of the tree; the parent of a conversation's first message is ``""``.

    ``conversation_id`` is ``""`` for a bare chat completion: one stored exchange, not listed. Its
    user message then also holds all ``messages`` that were sent. ``log_seqs`` of an answer are the
    stream sequences of its events, as a set. ``search`` is what the text index holds.
    ``omitted_messages`` counts those of the branch that the model was not shown. An imported
    message has the ``reply_id`` ``""``.
    """

    _id: str
    user_id: str
    conversation_id: str
    parent_id: str
    reply_id: str
    role: Literal["user", "assistant"]
    content: str
    search: str
    model: str
    status: MessageStatus
    created_at_ms: int
    log_seqs: list[int]
    messages: NotRequired[list[dict[str, str]]]
    omitted_messages: NotRequired[int]
    finish_reason: NotRequired[str]
    error: NotRequired[dict[str, str]]
    finished_at_ms: NotRequired[int]


class ErasureDocument(TypedDict):
    """What was erased, so that nothing late brings it back; ``_id`` is ``erasure_id``'s.

    The counts are the report: documents removed, and messages removed from the two logs. At
    ``due_at_ms`` everything is erased (0: it was, for good): once for the report, and later once
    more, with the replies ``reply_ids``, for what was being written meanwhile.
    """

    _id: str
    user_id: str
    kind: Literal["conversation", "user"]
    reason: str
    requested_at_ms: int
    done_at_ms: int
    conversations: int
    messages: int
    log_events: int
    reply_frames: int
    due_at_ms: int
    reply_ids: list[str]


class QuarantineDocument(TypedDict):
    """An event that a consumer could not take; ``_id`` is the consumer's name and the sequence.

    ``payload`` is base64. ``conversation_id`` is ``""`` where the event does not tell it.
    """

    _id: str
    consumer: str
    sequence: int
    subject: str
    user_id: str
    conversation_id: str
    reason: str
    detail: str
    payload: str
    set_aside_at_ms: int


class TitleDocument(TypedDict):
    """Who asked for a conversation's title; ``_id`` is the conversation's id.

    ``reply_id`` is the reply whose end asked, the other ids are those of the prompt that it sent.
    """

    _id: str
    user_id: str
    reply_id: str
    title_reply_id: str
    user_message_id: str
    assistant_message_id: str
    asked_at_ms: int


def rank_of(conversation_id: str, updated_at_ms: int, *, pinned: bool, archived: bool) -> int:
    """Return a conversation's place in its user's list as one integer, the highest first.

    Archived ones are on the lowest shelf and pinned ones on the highest; within a shelf come
    milliseconds, and three digits that tell apart those of one millisecond. Below 2**53 until 2049.
    """
    shelf = 0 if archived else 2 if pinned else 1
    digits = zlib.crc32(conversation_id.encode()) % _RANKS_PER_MS
    return shelf * RANKS_PER_SHELF + updated_at_ms * _RANKS_PER_MS + digits


def ranks_of_list(*, archived: bool) -> tuple[int, int]:
    """Return the ranks, first and last, of the list or of the archive."""
    return (1, RANKS_PER_SHELF - 1) if archived else (RANKS_PER_SHELF, 3 * RANKS_PER_SHELF - 1)


def erasure_id(user_id: str, conversation_id: str) -> str:
    """Return the key of an erasure; ``conversation_id`` is ``""`` for that of the whole user."""
    return f"{user_id}.{conversation_id}" if conversation_id else user_id


def search_text(user_id: str, text: str) -> str:
    """Return what a text index holds of a text: its owner's own term comes first.

    A query of quoted phrases means AND on every store, so the term keeps users apart.
    """
    return f"{owner_term(user_id)} {text}"


def owner_term(user_id: str) -> str:
    """Return the word that stands for a user in the text index."""
    return f"u{user_id}"


class HistogramDocument(TypedDict):
    """A histogram of milliseconds, as ``schemas/histogram.py`` defines it."""

    offset: int
    counts: list[int]


class UsageDocument(TypedDict):
    """What one reply cost and how long it took; ``_id`` is the reply id.

    ``first_token_ms`` is -1 where no token was made, ``error`` is ``""`` unless it failed.
    ``hour_ms`` is the hour in which it ended, and ``minute`` names the roll-up that counts it.
    """

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
    error: str
    inter_token_ms: HistogramDocument
    minute: str


class RollupDocument(TypedDict):
    """What the replies of one user and model in one minute or hour come to.

    Beside these fields it has those of ``UsageTotals``. ``hour`` names the hour of a minute's,
    ``all_users`` that of everybody; both are ``_id`` in their collections. ``owner`` is user and
    model joined; a roll-up of all users has the user ``""``. ``revision`` is another one after
    every write: a write is refused when it has changed meanwhile.
    """

    _id: str
    user_id: str
    model: str
    owner: str
    hour_ms: int
    hour: str
    all_users: str
    revision: str


class StaleRollupDocument(TypedDict):
    """A roll-up whose parts have changed; ``touched`` counts how often since it was made.

    ``due_at_ms``: not to be made anew before. The other fields are what it is made from.
    """

    _id: str
    collection: str
    key: str
    user_id: str
    model: str
    hour_ms: int
    touched: int
    due_at_ms: int


UserRole = Literal["user", "admin"]


class UserDocument(TypedDict):
    """An account; ``rank`` orders them by their making.

    ``password_hash`` is Argon2's, ``preferences`` a JSON object as text: its names are its owner's.
    A new password begins a new ``sessions_epoch``, and sessions are good in their own ones only.
    The user ``dev`` has neither password nor email and counts as no
    account.
    """

    _id: str
    name: str
    created_at_ms: int
    rank: NotRequired[int]
    email: NotRequired[str]
    password_hash: NotRequired[str]
    role: NotRequired[UserRole]
    disabled: NotRequired[bool]
    sessions_epoch: NotRequired[str]
    preferences: NotRequired[str]


class EmailDocument(TypedDict):
    """Makes an address unique; ``_id`` is the SHA-256 of its normal form."""

    _id: str
    user_id: str
    claimed_at_ms: NotRequired[int]


class SessionDocument(TypedDict):
    """One sign-in of a user: the family of its refresh tokens, of which one is good.

    ``token_hash`` is the SHA-256 of that one; ``rotations`` counts those before it.
    """

    _id: str
    user_id: str
    token_hash: str
    rotations: int
    created_at_ms: int
    refreshed_at_ms: int
    expires_at_ms: int
    device: str
    epochs: NotRequired[list[str]]


class InvitationDocument(TypedDict):
    """A right to register; ``_id`` is its code's SHA-256, ``used_by`` is ``""`` until then.

    ``settled`` says that the account was made: a code that was used for none is free again after a
    while.
    """

    _id: str
    role: UserRole
    note: str
    created_by: str
    created_at_ms: int
    expires_at_ms: int
    used_by: str
    used_at_ms: NotRequired[int]
    settled: NotRequired[bool]


class ApiKeyDocument(TypedDict):
    """An API key; ``_id`` is its SHA-256 in hexadecimal, the key itself is shown once.

    ``key_id`` names it to its owner; ``used_at_ms`` is 0 until it was used, noted by the minute.
    """

    _id: str
    user_id: str
    name: str
    scopes: list[str]
    created_at_ms: int
    key_id: NotRequired[str]
    used_at_ms: NotRequired[int]
