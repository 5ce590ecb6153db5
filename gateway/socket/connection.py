"""One open WebSocket over one transport, with backpressure in both directions.

Sanic's own implementation answers pings and queues what it receives in a task for each read, so a
client that never reads could make it hold any amount; and its keep-alive waits behind a slow
reader. This one works on the same parser (``websockets``, sans-I/O). What it holds of a peer is
bounded: see "Limits" in ``docs/websocket.md``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable

from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Event
from websockets.server import ServerProtocol

from gateway.socket.close_codes import INVALID_TEXT
from gateway.socket.incoming import Incoming

# A peer that does not take its part in closing is cut off after this.
_CLOSE_S = 5.0


class SocketClosed(Exception):
    """The socket is closed, or about to be; nothing more can be sent."""


class SocketConnection:
    """``receive`` is for one task, ``writing`` and ``send`` for any number."""

    def __init__(
        self,
        transport: asyncio.Transport,
        frames: ServerProtocol,
        too_big_notice: Callable[[int], bytes],
    ) -> None:
        """Take over an upgraded transport.

        ``too_big_notice`` makes what is said before closing with 1009 from the limit in bytes.
        """
        self.close_code: int | None = None
        self._transport = transport
        self._frames = frames
        self._too_big_notice = too_big_notice
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._incoming = Incoming()
        self._arrived = asyncio.Event()
        self._writers = asyncio.Lock()
        self._writable = asyncio.Event()
        self._writable.set()
        self._active_at = self._loop.time()
        self._untaken_bytes = 0
        self._closing: asyncio.TimerHandle | None = None

    @property
    def silent_s(self) -> float:
        """Seconds since the peer was heard, or was seen to take something."""
        return self._loop.time() - self._active_at

    def allow_message_bytes(self, limit: int) -> None:
        """Accept messages of up to ``limit`` bytes from now on."""
        self._frames.max_message_size = limit

    async def receive(self) -> str | bytes | None:
        """Return the next message, bytes if it came as a binary one; ``None`` once closed."""
        while self._open and not self._incoming:
            self._arrived.clear()
            await self._arrived.wait()
        if not self._open:
            return None
        message = self._incoming.take()
        self._read_if_room()
        return message

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Wait until the caller may ``write``: one at a time, and while the peer takes more.

        Callers follow each other in the order in which they came. Raises ``SocketClosed``.
        """
        async with self._writers:
            await self._writable.wait()
            if not self._open:
                raise SocketClosed
            yield

    def write(self, messages: Iterable[bytes]) -> None:
        """Send text messages in one piece; only within ``writing``."""
        if not self._open:
            raise SocketClosed
        for message in messages:
            self._frames.send_text(message)
        self._flush()

    async def send(self, *messages: bytes) -> None:
        """Send text messages in one piece; raises ``SocketClosed``."""
        async with self.writing():
            self.write(messages)

    def ping(self) -> None:
        """Ask for a sign of life; that a slow peer has taken something since is one too."""
        untaken_bytes = self._transport.get_write_buffer_size()
        if untaken_bytes < self._untaken_bytes:
            self._active_at = self._loop.time()
        self._untaken_bytes = untaken_bytes
        if self._open and self._writable.is_set():
            self._frames.send_ping(b"")
            self._flush()

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; what was written before is sent before it."""
        if self._frames.state is OPEN:
            self._frames.send_close(code, reason)
        self._end(code)
        self._flush()

    def abort(self) -> None:
        """Drop the connection."""
        self._end(None)
        self._transport.abort()

    # What the transport tells; called by ``SocketProtocol``.

    def data_received(self, data: bytes) -> None:
        """Parse what came in and answer what the protocol itself answers: pings and closes."""
        self._active_at = self._loop.time()
        try:
            self._frames.receive_data(data)
        except EOFError:
            return
        events = self._frames.events_received()
        if self._open:
            self._take(events)
        if isinstance(self._frames.parser_exc, PayloadTooBig) and self._open:
            # The parser has its close frame ready already; the reason goes before it.
            notice = Frame(Opcode.TEXT, self._too_big_notice(self._frames.max_message_size or 0))
            self._transport.write(notice.serialize(mask=False))
        if self._frames.state is not OPEN:
            self._end(self._peers_code())
        self._flush()
        self._read_if_room()

    def eof_received(self) -> None:
        """Note that the peer sends no more: for a WebSocket that is its end."""
        self._frames.receive_eof()
        self._end(self._peers_code())

    def connection_lost(self) -> None:
        """Note that there is no transport any more."""
        self._end(self._peers_code())
        if self._closing is not None:
            self._closing.cancel()

    def pause_writing(self) -> None:
        """Read no more from a peer that takes nothing: answers to its pings would pile up."""
        if self._open:
            self._writable.clear()
        self._read_if_room()

    def resume_writing(self) -> None:
        """Go on; the peer has taken most of what was sent."""
        self._active_at = self._loop.time()
        self._writable.set()
        self._read_if_room()

    def _take(self, events: Iterable[Event]) -> None:
        try:
            self._incoming.add(events)
        except UnicodeDecodeError:
            self.close(INVALID_TEXT, "text messages must be UTF-8")
        else:
            self._arrived.set()

    def _read_if_room(self) -> None:
        if self._transport.is_closing():
            return
        if not self._open:
            # What still comes is thrown away, up to the peer's own end: bytes that nobody reads
            # would reset the connection, and the peer might lose the close frame.
            self._transport.resume_reading()
        elif self._incoming.is_full or not self._writable.is_set():
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _peers_code(self) -> int | None:
        sent, received = self._frames.close_sent, self._frames.close_rcvd
        close = received or sent
        return None if close is None else int(close.code)

    def _end(self, code: int | None) -> None:
        """Let everybody who waits see that it is over; only the first code counts."""
        if not self._open:
            return
        self._open = False
        self.close_code = code
        self._incoming.clear()
        self._arrived.set()
        self._writable.set()
        self._closing = self._loop.call_later(_CLOSE_S, self._transport.abort)
        self._read_if_room()

    def _flush(self) -> None:
        if self._transport.is_closing():
            self._frames.data_to_send()
            return
        written = self._frames.data_to_send()
        data = b"".join(written)
        if data:
            self._transport.write(data)
        # The parser ends with an empty piece when the connection is to be half-closed.
        if written and not written[-1] and self._transport.can_write_eof():
            self._transport.write_eof()
