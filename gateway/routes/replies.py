"""``GET /api/replies/{id}/events``: one reply as server-sent events, from any place in it."""

from collections.abc import Iterable

import structlog
from sanic import HTTPResponse, Request

from gateway import sse
from gateway.errors import DeadlinePassed, GatewayStopping, NotFound
from gateway.event_stream import EventStream
from gateway.history import StoredMessage
from gateway.native_wire import caught_up_event, reply_events, stored_events, unstarted_event
from gateway.relay_ports import RelayedFrame, end_among
from gateway.reply_opening import OpenedReply, ReplyOpening
from gateway.services import Application, Services
from schemas.cursor import START, Cursor, parse_cursor
from schemas.ids import owns_reply

_NO_CONTENT = 204


def register(app: Application, services: Services) -> None:
    """Add the route."""
    replies = Replies(services)
    app.add_route(
        replies.events, "/api/replies/<reply_id>/events", methods=["GET"], name="read_reply"
    )


class Replies:
    """Reads replies for their owners."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._opening = ReplyOpening(
            services.relays,
            services.history,
            start_deadline_s=services.settings.start_deadline_s,
        )

    async def events(self, request: Request, reply_id: str) -> HTTPResponse | None:
        """Stream the reply from the cursor on."""
        services = self._services
        principal = await services.authentication.authenticate(request.headers.get("authorization"))
        if not owns_reply(services.secret, principal.user_id, reply_id):
            # Before any subject is built from the id, and the same for a stranger's.
            raise NotFound("This reply does not exist; check its id.")
        structlog.contextvars.bind_contextvars(reply_id=reply_id)
        cursor = _cursor(request, reply_id)
        opened = await self._opening.open(principal.user_id, reply_id, cursor)
        stream = EventStream(request, services.metrics, {"X-Reply-Id": reply_id})
        try:
            if cursor.state.ended:
                # It was read to its end: this tells an EventSource not to come back.
                return HTTPResponse(status=_NO_CONTENT, headers={"X-Reply-Id": reply_id})
            if isinstance(opened, StoredMessage):
                await stream.write(stored_events(opened, after=cursor.state.characters))
            else:
                await self._stream(stream, opened, principal.user_id)
        finally:
            stream.close()
            if isinstance(opened, OpenedReply):
                await services.relays.release(opened.relay)
        await stream.end()
        return None

    async def _stream(self, stream: EventStream, opened: OpenedReply, user_id: str) -> None:
        relay, frames = opened
        await stream.write(_caught_up(relay.reply_id, relay.cursor, frames))
        try:
            while not relay.ended:
                frames = await relay.read(sse.KEEP_ALIVE_S)
                if frames:
                    await stream.write(b"".join(reply_events(relay.reply_id, frames)))
                else:
                    await stream.keep_alive()
        except GatewayStopping:
            # The client comes back with its cursor, to another process.
            return
        except DeadlinePassed as error:
            # Or its log has expired, and the history had not caught up when it was opened.
            message = await self._opening.finished(user_id, relay.reply_id)
            await stream.write(
                unstarted_event(error) if message is None else stored_events(message, after=0)
            )
            return
        end = end_among(frames)
        if end is not None:
            self._services.metrics.reply_read(end.status)


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
