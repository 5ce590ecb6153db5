"""Encode a reply's frames as the socket's messages. Pure.

One message for each frame that adds something, so that a replay has the same messages as live.
"""

from collections.abc import Iterable

import msgspec
import orjson

from gateway.errors import GatewayError
from gateway.history import StoredMessage
from gateway.relay_ports import RelayedFrame
from gateway.socket.server_messages import AttemptBegan, CaughtUp, Ended, TextAdded, encode
from gateway.stored_reply import rest_of
from schemas.cursor import Cursor, format_cursor
from schemas.ending import usage_of
from schemas.events import Failure, Status
from schemas.frames import Delta, End


def frame_messages(reply_id: str, frames: Iterable[RelayedFrame]) -> list[bytes]:
    """Return one message for each frame."""
    return [_message(reply_id, relayed) for relayed in frames]


def caught_up_message(reply_id: str, cursor: Cursor) -> bytes:
    """Return the mark that what follows is news."""
    return encode(CaughtUp(reply_id=reply_id, cursor=format_cursor(reply_id, cursor)))


def stored_messages(reply_id: str, message: StoredMessage, cursor: Cursor) -> list[bytes]:
    """Return what a finished message from the store has beyond ``cursor``, then its end."""
    text, after_text, after_end = rest_of(message, cursor)
    at = format_cursor(reply_id, after_text)
    texts = [encode(TextAdded(reply_id=reply_id, cursor=at, text=text))] if text else []
    end = Ended(
        reply_id=reply_id,
        cursor=format_cursor(reply_id, after_end),
        status=msgspec.convert(message.status, Status),
        finish_reason=message.finish_reason,
        error=msgspec.convert(message.error, Failure | None),
    )
    return [*texts, caught_up_message(reply_id, after_text), encode(end)]


def failed_message(reply_id: str, cursor: Cursor, error: GatewayError) -> bytes:
    """Return the last message of a reply that has no end for its readers."""
    end = Ended(
        reply_id=reply_id,
        cursor=format_cursor(reply_id, cursor),
        status="failed",
        error=Failure(error.machine_code, str(error)),
    )
    return encode(end)


def _message(reply_id: str, relayed: RelayedFrame) -> bytes:
    cursor, step, frame = relayed
    at = format_cursor(reply_id, cursor)
    if isinstance(frame, Delta):
        # By hand: this runs for every token of every reader.
        return b'{"type":"delta","reply_id":"%b","cursor":"%b","text":%b}' % (
            reply_id.encode(),
            at.encode(),
            orjson.dumps(step.text),
        )
    if isinstance(frame, End):
        end = Ended(
            reply_id=reply_id,
            cursor=at,
            status=frame.status,
            finish_reason=frame.finish_reason,
            usage=usage_of(frame, cursor.state.tokens),
            timings=frame.timings,
            error=frame.error,
        )
        return encode(end)
    return encode(AttemptBegan(reply_id=reply_id, attempt=step.state.n, cursor=at))
