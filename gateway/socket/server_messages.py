"""What the server says on the socket, as types. ``docs/websocket.md`` has an example of each."""

from typing import Final

import msgspec
from msgspec import Struct

from gateway.errors import GatewayError
from gateway.feed.news import ConversationNews, ReplyNews, RunningNews
from gateway.socket.client_messages import About
from schemas.events import Failure, Status, Timings, Usage


class Ready(Struct, tag_field="type", tag="ready", kw_only=True, forbid_unknown_fields=True):
    """The client is known; what it may send at most."""

    max_message_bytes: int
    max_subscriptions: int


class Accepted(Struct, tag_field="type", tag="accepted", kw_only=True, forbid_unknown_fields=True):
    """A prompt is in the log; its reply follows without being asked for."""

    ref: str
    reply_id: str
    conversation_id: str | None
    user_message_id: str
    assistant_message_id: str
    omitted_messages: int = 0


class Queued(Struct, tag_field="type", tag="queue", kw_only=True, forbid_unknown_fields=True):
    """The reply has not begun; ``position`` 1 is the next, ``eta_s`` is null while unknown."""

    reply_id: str
    position: int
    eta_s: float | None


class AttemptBegan(
    Struct, tag_field="type", tag="attempt", kw_only=True, forbid_unknown_fields=True
):
    """Another worker has taken over; the text goes on where it was."""

    reply_id: str
    attempt: int
    cursor: str


class TextAdded(Struct, tag_field="type", tag="delta", kw_only=True, forbid_unknown_fields=True):
    """The next text of a reply, and where its reader stands after it."""

    reply_id: str
    cursor: str
    text: str


class CaughtUp(Struct, tag_field="type", tag="caught_up", kw_only=True, forbid_unknown_fields=True):
    """What was there when the subscription began has been sent; what follows is news."""

    reply_id: str
    cursor: str


class Ended(Struct, tag_field="type", tag="end", kw_only=True, forbid_unknown_fields=True):
    """The last message of a reply. One from the store has only its status and error."""

    reply_id: str
    cursor: str
    status: Status
    finish_reason: str | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: Failure | None = None


class Cancelled(
    Struct, tag_field="type", tag="cancelled", kw_only=True, forbid_unknown_fields=True
):
    """The answer to ``cancel``: the one result, which may have come just before."""

    ref: str | None
    reply_id: str
    status: Status
    slot_free: bool


class Unsubscribed(
    Struct, tag_field="type", tag="unsubscribed", kw_only=True, forbid_unknown_fields=True
):
    """No more of this reply comes on this socket."""

    reply_id: str


class Running(
    RunningNews, tag_field="type", tag="running", kw_only=True, forbid_unknown_fields=True
):
    """The replies of the user that run now; what follows on this socket is news."""

    cursor: str


class Conversation(
    ConversationNews, tag_field="type", tag="conversation", kw_only=True, forbid_unknown_fields=True
):
    """Something happened to a conversation, on whichever device."""

    cursor: str


class Reply(ReplyNews, tag_field="type", tag="reply", kw_only=True, forbid_unknown_fields=True):
    """A reply has begun or ended, on whichever device."""

    cursor: str


class Unsynced(Struct, tag_field="type", tag="unsynced", kw_only=True, forbid_unknown_fields=True):
    """The answer to ``unsync``: no more news comes on this socket."""

    ref: str | None


class Problem(
    Struct,
    tag_field="type",
    tag="error",
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """A message could not be followed; ``message`` is a sentence that says what to do."""

    code: str
    message: str
    ref: str | None = None
    reply_id: str | None = None
    param: str | None = None
    retry_after_s: int | None = None


class Pong(Struct, tag_field="type", tag="pong", kw_only=True, forbid_unknown_fields=True):
    """The answer to ``ping``."""

    ref: str | None


ServerMessage = (
    Ready
    | Accepted
    | Queued
    | AttemptBegan
    | TextAdded
    | CaughtUp
    | Ended
    | Cancelled
    | Unsubscribed
    | Running
    | Conversation
    | Reply
    | Unsynced
    | Problem
    | Pong
)
SERVER_MESSAGES: Final[tuple[type[ServerMessage], ...]] = (
    Ready,
    Accepted,
    Queued,
    AttemptBegan,
    TextAdded,
    CaughtUp,
    Ended,
    Cancelled,
    Unsubscribed,
    Running,
    Conversation,
    Reply,
    Unsynced,
    Problem,
    Pong,
)

_encode = msgspec.json.Encoder().encode


def encode(message: ServerMessage) -> bytes:
    """Return the message as JSON in UTF-8."""
    return _encode(message)


def problem(error: GatewayError, about: About = About()) -> Problem:  # noqa: B008 - a constant
    """Return the ``error`` message that says what went wrong."""
    return Problem(
        code=error.machine_code,
        message=str(error),
        ref=about.ref,
        reply_id=about.reply_id,
        param=error.param,
        retry_after_s=error.retry_after_s,
    )
