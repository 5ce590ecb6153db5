"""``/api/replies/{id}/...``: read one reply from any place in it, cancel it, ask for another.

Events are server-sent; ``cancel`` and ``retry`` answer once.
"""

from collections.abc import Iterable

import structlog
from sanic import HTTPResponse, Request

from gateway import sse
from gateway.accepted_response import accepted_response
from gateway.errors import (
    DeadlinePassed,
    GatewayStopping,
    InvalidApiKey,
    InvalidToken,
    NotFound,
    StoreUnavailable,
    UnreadableReply,
)
from gateway.event_stream import EventStream
from gateway.history import StoredMessage
from gateway.idempotency import idempotency_key
from gateway.json_response import json_response
from gateway.native_wire import (
    caught_up_event,
    failed_event,
    queue_event,
    reply_events,
    stored_events,
)
from gateway.relay_ports import RelayedFrame, end_among
from gateway.reply_opening import OpenedReply
from gateway.reply_reading import QueuePlace, ReplyReading
from gateway.request_body import read_body
from gateway.responses import CancelledReply
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services
from schemas.cursor import START, Cursor, parse_cursor
from schemas.frames import End
from schemas.ids import owns_reply

_NO_CONTENT = 204


def register(app: Application, services: Services) -> None:
    """Add the route."""
    replies = Replies(services)
    app.add_route(
        replies.events, "/api/replies/<reply_id>/events", methods=["GET"], name="read_reply"
    )

    # Streaming ones, so that the key is checked before a body is taken.
    for method, name in ((replies.cancel, "cancel"), (replies.retry, "retry")):
        path = f"/api/replies/<reply_id>/{name}"
        handler = reading_body(method)
        app.add_route(handler, path, methods=["POST"], name=f"{name}_reply", stream=True)


class Replies:
    """Reads, cancels and repeats replies for their owners."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def events(self, request: Request, reply_id: str) -> HTTPResponse | None:
        """Stream the reply from the cursor on."""
        services = self._services
        principal = await services.callers.caller(request)
        if not owns_reply(services.secret, principal.user_id, reply_id):
            # Before any subject is built from the id, and the same for a stranger's.
            raise NotFound("This reply does not exist; check its id.")
        structlog.contextvars.bind_contextvars(reply_id=reply_id)
        cursor = _cursor(request, reply_id)
        opened = await self._services.opening.open(principal.user_id, reply_id, cursor)
        stream = EventStream(request, services.metrics, {"X-Reply-Id": reply_id})
        try:
            if cursor.state.ended:
                # It was read to its end: this tells an EventSource not to come back.
                return HTTPResponse(status=_NO_CONTENT, headers={"X-Reply-Id": reply_id})
            if isinstance(opened, StoredMessage):
                await stream.write(stored_events(reply_id, opened, cursor))
            else:
                with services.open_streams.holding(principal, opened.relay.stop):
                    await self._stream(stream, opened, principal.user_id)
        finally:
            stream.close()
            if isinstance(opened, OpenedReply):
                await services.relays.release(opened.relay)
        await stream.end()
        return None

    async def cancel(self, request: Request, reply_id: str) -> HTTPResponse:
        """End the reply now; the answer says to what end it came."""
        services = self._services
        principal = await services.callers.caller(request)
        await read_body(request, services.settings.max_body_bytes)
        result = await services.cancellation.cancel(principal.user_id, reply_id)
        body = CancelledReply(
            reply_id=result.reply_id, status=result.status, slot_free=result.slot_free
        )
        return json_response(body, headers={"X-Reply-Id": result.reply_id})

    async def retry(self, request: Request, reply_id: str) -> HTTPResponse:
        """Submit the reply's prompt again, for an answer beside the first one."""
        services = self._services
        principal = await services.callers.caller(request)
        await read_body(request, services.settings.max_body_bytes)
        key = idempotency_key(request)
        event = await services.retrying.retry(principal.user_id, reply_id, key)
        return accepted_response(event)

    async def _stream(self, stream: EventStream, opened: OpenedReply, user_id: str) -> None:
        relay = opened.relay
        reading = ReplyReading(relay, self._services.places.place(user_id, relay.reply_id))
        try:
            end = await _pass_on(stream, reading, opened.frames)
        except (GatewayStopping, InvalidApiKey, InvalidToken, StoreUnavailable):
            if not stream.started:
                raise
            # The client comes back with its cursor: to another process, or to be refused.
            return
        except (DeadlinePassed, UnreadableReply) as error:
            # Its log has expired, or cannot be read to its end; its worker's text may be stored.
            message = await self._services.opening.finished(user_id, relay.reply_id)
            await stream.write(
                failed_event(relay.reply_id, relay.cursor, error)
                if message is None
                else stored_events(relay.reply_id, message, relay.cursor)
            )
            return
        if end is not None:
            self._services.metrics.reply_read(end.status)


async def _pass_on(
    stream: EventStream, reading: ReplyReading, frames: list[RelayedFrame]
) -> End | None:
    """Write the frames and all that follow; return the reply's end if it was among them."""
    relay = reading.relay
    while relay.catching_up:
        # A long reply comes in batches, each once the client has taken the one before.
        await stream.write(b"".join(reply_events(relay.reply_id, frames)) or sse.KEEP_ALIVE)
        frames[:] = await relay.read(sse.KEEP_ALIVE_S)
    await stream.write(_caught_up(relay.reply_id, relay.cursor, frames))
    end = end_among(frames)
    # Nothing that was written is held while the rest is waited for.
    frames.clear()
    while not relay.ended:
        news = await reading.read(sse.KEEP_ALIVE_S)
        if isinstance(news, QueuePlace):
            await stream.write(queue_event(news))
        elif news:
            end = end_among(news)
            await stream.write(b"".join(reply_events(relay.reply_id, news)))
        else:
            await stream.keep_alive()
    return end


def _cursor(request: Request, reply_id: str) -> Cursor:
    """Return where the client stands: ``Last-Event-ID`` wins over ``?after=``."""
    text = request.headers.get("last-event-id") or request.args.get("after")
    return parse_cursor(reply_id, text) if text else START


def _caught_up(reply_id: str, cursor: Cursor, frames: Iterable[RelayedFrame]) -> bytes:
    """Return the events of the catch-up and the mark that it is over, before a last event."""
    events = reply_events(reply_id, frames)
    mark = caught_up_event(reply_id, cursor)
    if cursor.state.ended and events:
        return b"".join([*events[:-1], mark, events[-1]])
    return b"".join([*events, mark])
