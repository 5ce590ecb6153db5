"""Turn messages of the log into rows of the archive. Pure: no broker, no files.

The payload is kept as it is, byte for byte; the other columns are what it says in short, to be
filtered and summed. A message that does not parse is kept as well, under ``unreadable``.
"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from analytics.temporary import says_temporary, without_words

UNREADABLE = "unreadable"
OTHER = "other"
# Each is a folder of the archive; events of a later version's kinds share ``OTHER``.
KINDS = (
    "PromptSubmitted",
    "ReplyFinished",
    "PromptDied",
    "ConversationCreated",
    "ConversationChanged",
    "ConversationDeleted",
    "MessagesImported",
    "UserErased",
    OTHER,
    UNREADABLE,
)
# What is in these may be anybody's: only the subject says whose.
UNKNOWN_KINDS = frozenset({OTHER, UNREADABLE})

# What is made in masses is kept from the search for cycles, of which it has none (`gc=False`).
Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Tokens(Struct, frozen=True, gc=False):
    """What is archived of ``Usage``."""

    prompt_tokens: Integer | None = None
    cached_tokens: Integer | None = None
    completion_tokens: Integer | None = None


class Durations(Struct, frozen=True, gc=False):
    """What is archived of ``Timings``, in milliseconds."""

    queue_ms: Integer | None = None
    first_token_ms: Integer | None = None
    total_ms: Integer | None = None


class Code(Struct, frozen=True, gc=False):
    """What is archived of ``Failure``."""

    code: str | None = None


class Summary(Struct, frozen=True, gc=False):
    """What the columns say of an event of any kind; all else is skipped unparsed."""

    event: str
    version: Integer | None = None
    user_id: str | None = None
    conversation_id: str | None = None
    reply_id: str | None = None
    model: str | None = None
    kind: str | None = None
    client: str | None = None
    status: str | None = None
    finish_reason: str | None = None
    worker: str | None = None
    attempts: Integer | None = None
    submitted_at_ms: Integer | None = None
    finished_at_ms: Integer | None = None
    temporary: bool = False
    usage: Tokens | None = None
    timings: Durations | None = None
    error: Code | None = None
    # Of a dead letter.
    prompt: "Summary | None" = None


class Message(Struct, frozen=True, gc=False):
    """A message of CHAT; ``stored_at_ms`` is the broker's time."""

    sequence: int
    stored_at_ms: int
    subject: str
    payload: bytes


class Row(Struct, frozen=True, gc=False):
    """One row: the message, the day (UTC) and kind whose folder it goes to, and its columns."""

    message: Message
    day: str
    kind: str
    summary: Summary


_summarise = msgspec.json.Decoder(Summary).decode
_NOTHING = Summary(event="")
_DAY_MS = 86_400_000
_days: dict[int, str] = {}


def row_of(message: Message) -> Row | None:
    """Return a message's row, ``None`` if it is not to be kept.

    Nothing of a temporary conversation is, but for what its replies cost: their ends stay without
    a word of theirs, or the usage could not be counted again.
    """
    day = _day_of(message.stored_at_ms)
    try:
        summary = _summarise(message.payload)
    except (ValueError, RecursionError):
        if says_temporary(message.payload):
            return None
        return Row(message, day, UNREADABLE, _NOTHING)
    if (summary.prompt or summary).temporary:
        cost = without_words(message.payload)
        if cost is None:
            return None
        message = replace(message, payload=cost)
    kind = summary.event if summary.event in KINDS else OTHER
    if summary.prompt is not None:
        summary = replace(summary.prompt, error=summary.error, attempts=summary.attempts)
    return Row(message, day, kind, summary)


def _day_of(stored_at_ms: int) -> str:
    """Return the day of a time as ``YYYY-MM-DD``; few days are asked for again and again."""
    number = stored_at_ms // _DAY_MS
    day = _days.get(number)
    if day is None:
        day = datetime.fromtimestamp(number * _DAY_MS / 1000, UTC).strftime("%Y-%m-%d")
        _days.clear()
        _days[number] = day
    return day
