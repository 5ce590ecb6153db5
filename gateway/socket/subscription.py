"""Read one reply for one socket: from a cursor on, or the reply of a prompt just accepted.

What a subscription has received waits in its relay's bounded inbox until the socket takes more:
only the one subscription that may write takes frames out. So a client that is slow, or reads
nothing, costs its inboxes and a few batches, and a fat reply does not hold up a thin one.
"""

import asyncio

import structlog

from gateway.errors import (
    BadRequest,
    DeadlinePassed,
    GatewayError,
    GatewayStopping,
    UnreadableReply,
)
from gateway.history import StoredMessage
from gateway.relay_ports import RelayedFrame, end_among
from gateway.reply_opening import OpenedReply
from gateway.reply_reading import QueuePlace, ReplyReading
from gateway.reply_relay import ReplyRelay
from gateway.services import Services
from gateway.socket.connection import SocketConnection
from gateway.socket.server_messages import Queued, Unsubscribed, encode
from gateway.socket.wire import (
    caught_up_message,
    failed_message,
    frame_messages,
    stored_messages,
)
from schemas.cursor import START, BadCursor, Cursor, parse_cursor
from schemas.errors import ErrorCode

# Nothing happens then; a socket's pings keep it alive by themselves.
_LONGEST_WAIT_S = 15.0


class ReplySubscription:
    """Sends one reply's messages until its end; cancel its task to stop it."""

    def __init__(
        self, services: Services, connection: SocketConnection, user_id: str, reply_id: str
    ) -> None:
        self._services = services
        self._connection = connection
        self._user_id = user_id
        self._reply_id = reply_id
        self._owes_mark = False

    async def resume(self, after: str | None, openings: asyncio.Semaphore) -> None:
        """Send what the reply has after a cursor, then what comes; raises ``GatewayError``.

        The caller has checked whose reply it is. ``openings`` is held until the first batch of
        the log is sent.
        """
        structlog.contextvars.bind_contextvars(reply_id=self._reply_id)
        async with openings:
            cursor, opened = await self._open(after)
            if isinstance(opened, StoredMessage):
                await self._send_stored(opened, cursor)
                return
            relay = opened.relay
            try:
                await self._begin(opened, cursor)
            except BaseException:
                await self._services.relays.release(relay)
                raise
        # What was sent is not held on to.
        del opened
        try:
            await self.follow(self.reading(relay))
        finally:
            await self._services.relays.release(relay)

    def reading(self, relay: ReplyRelay) -> ReplyReading:
        """Return the way through the reply that a relay follows."""
        return ReplyReading(relay, self._services.places.place(self._user_id, self._reply_id))

    async def follow(self, reading: ReplyReading) -> None:
        """Send what comes of a reply, to its end; the caller releases the relay."""
        try:
            while not reading.ended:
                await reading.wait(_LONGEST_WAIT_S)
                await self._send_news(reading)
        except GatewayStopping:
            # The socket is closed with a code that tells the client to come back elsewhere.
            return
        except (DeadlinePassed, UnreadableReply) as error:
            # Its log has expired, or cannot be read to its end; its worker's text may be stored.
            message = await self._services.opening.finished(self._user_id, self._reply_id)
            if message is None:
                await self._send_failure(reading.relay.cursor, error)
            else:
                await self._send_stored(message, reading.relay.cursor)
        except GatewayError as error:
            await self._send_failure(reading.relay.cursor, error)

    async def _send_news(self, reading: ReplyReading) -> None:
        """Send what has come; nothing of it is held on to afterwards."""
        async with self._connection.writing():
            before = reading.relay.cursor
            news = await reading.read(0)
            self._connection.write(self._messages(news, reading.relay, before))

    async def _open(self, after: str | None) -> tuple[Cursor, OpenedReply | StoredMessage]:
        try:
            cursor = START if after is None else parse_cursor(self._reply_id, after)
            return cursor, await self._services.opening.open(self._user_id, self._reply_id, cursor)
        except BadCursor as error:
            raise BadRequest(str(error), code=ErrorCode.BAD_CURSOR, param="after") from error

    async def _begin(self, opened: OpenedReply, cursor: Cursor) -> None:
        relay, frames = opened
        if cursor.state.ended:
            await self._send_nothing_left(cursor)
            return
        self._owes_mark = True
        await self._connection.send(*self._messages(frames, relay, cursor))

    def _messages(
        self, news: list[RelayedFrame] | QueuePlace, relay: ReplyRelay, before: Cursor
    ) -> list[bytes]:
        """Return the messages of what was read when the relay stood at ``before``."""
        if isinstance(news, QueuePlace):
            place = Queued(reply_id=self._reply_id, position=news.position, eta_s=news.eta_s)
            return [encode(place)]
        messages = frame_messages(self._reply_id, news)
        end = end_among(news)
        if end is not None:
            self._services.metrics.reply_read(end.status)
        if self._owes_mark and (relay.ended or not relay.catching_up):
            self._owes_mark = False
            if end is None:
                messages.append(caught_up_message(self._reply_id, relay.cursor))
            else:
                # A client that goes away between the two must come back for the end.
                at = news[-2].cursor if len(news) > 1 else before
                messages.insert(-1, caught_up_message(self._reply_id, at))
        return messages

    async def _send_stored(self, message: StoredMessage, cursor: Cursor) -> None:
        if cursor.state.ended:
            await self._send_nothing_left(cursor)
        else:
            await self._connection.send(*stored_messages(self._reply_id, message, cursor))

    async def _send_nothing_left(self, cursor: Cursor) -> None:
        """Answer a cursor that is the reply's end."""
        await self._connection.send(
            caught_up_message(self._reply_id, cursor),
            encode(Unsubscribed(reply_id=self._reply_id)),
        )

    async def _send_failure(self, cursor: Cursor, error: GatewayError) -> None:
        """End a reply that no worker began, or that cannot be read to its end."""
        await self._connection.send(failed_message(self._reply_id, cursor, error))
