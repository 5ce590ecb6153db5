"""Encode a reply's frames as the events of ``GET /api/replies/{id}/events``. Pure.

One event for each frame that adds something, so that a replay numbers events as live did.
"""

from collections.abc import Iterable

import msgspec
import orjson

from gateway.errors import GatewayError
from gateway.history import StoredMessage
from gateway.queue_place import QueuePlace
from gateway.relay_ports import RelayedFrame
from gateway.responses import ReplyDelta, ReplyDone, ReplyQueued
from gateway.sse import event
from gateway.stored_reply import ended, rest_of
from schemas.cursor import Cursor, format_cursor
from schemas.ending import usage_of
from schemas.events import Failure, Status
from schemas.frames import Delta, End


def reply_events(reply_id: str, frames: Iterable[RelayedFrame]) -> list[bytes]:
    """Return one event for each frame."""
    return [_event(reply_id, relayed) for relayed in frames]


def caught_up_event(reply_id: str, cursor: Cursor) -> bytes:
    """Return the mark that what follows is live.

    It has the cursor only where the reply goes on: a reader whose connection breaks between the
    mark and the last event must come back for that one.
    """
    event_id = None if cursor.state.ended else format_cursor(reply_id, cursor)
    return event(b"{}", name="caught_up", event_id=event_id)


def stored_events(reply_id: str, message: StoredMessage, cursor: Cursor) -> bytes:
    """Return what a finished message from the store has beyond ``cursor``, then done."""
    text, after_text, after_end = rest_of(message, cursor)
    delta = msgspec.json.encode(ReplyDelta(delta=text))
    done = ReplyDone(
        status=msgspec.convert(message.status, Status),
        finish_reason=message.finish_reason,
        error=msgspec.convert(message.error, Failure | None),
    )
    events = [event(delta, event_id=format_cursor(reply_id, after_text))] if text else []
    last = event(msgspec.json.encode(done), event_id=format_cursor(reply_id, after_end))
    return b"".join([*events, last])


def queue_event(place: QueuePlace) -> bytes:
    """Return where a reply stands that waits; it is no place in the log, so it has no cursor."""
    body = ReplyQueued(position=place.position, eta_s=place.eta_s)
    return event(msgspec.json.encode(body), name="queue")


def failed_event(reply_id: str, cursor: Cursor, error: GatewayError) -> bytes:
    """Return the last event of a reply without a readable end.

    No worker began it or was left to end it, or its frames do not parse. The cursor tells an
    EventSource not to come back.
    """
    done = ReplyDone(status="failed", error=Failure(error.machine_code, str(error)))
    return event(msgspec.json.encode(done), event_id=format_cursor(reply_id, ended(cursor)))


def _event(reply_id: str, relayed: RelayedFrame) -> bytes:
    cursor, step, frame = relayed
    event_id = format_cursor(reply_id, cursor)
    if isinstance(frame, Delta):
        # By hand: this runs for every token of every reader.
        return b'id: %b\ndata: {"delta":%b,"done":false}\n\n' % (
            event_id.encode(),
            orjson.dumps(step.text),
        )
    if isinstance(frame, End):
        return event(msgspec.json.encode(_done(frame, cursor)), event_id=event_id)
    return event(orjson.dumps({"attempt": step.state.n}), name="attempt", event_id=event_id)


def _done(end: End, cursor: Cursor) -> ReplyDone:
    return ReplyDone(
        status=end.status,
        finish_reason=end.finish_reason,
        usage=usage_of(end, cursor.state.tokens),
        timings=end.timings,
        error=end.error,
    )
