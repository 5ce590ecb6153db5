"""Hand a connection over from HTTP to a ``SocketConnection``; Sanic makes one for each client."""

from typing import Any

from sanic.server.protocols.http_protocol import HttpProtocol

from gateway.socket.connection import SocketConnection


class SocketProtocol(HttpProtocol):
    """Sanic's HTTP protocol while ``socket`` is ``None``; what comes later is the socket's."""

    __slots__ = ("socket",)

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.socket: SocketConnection | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes from the transport."""
        if self.socket is None:
            super().data_received(data)
        else:
            self.socket.data_received(data)

    def eof_received(self) -> bool | None:
        """Take the peer's end; the transport is closed after it."""
        if self.socket is None:
            return super().eof_received()
        self.socket.eof_received()
        return False

    def pause_writing(self) -> None:
        """Note that the transport's buffer is full."""
        super().pause_writing()  # type: ignore[no-untyped-call]
        if self.socket is not None:
            self.socket.pause_writing()

    def resume_writing(self) -> None:
        """Note that the transport's buffer has room again."""
        super().resume_writing()  # type: ignore[no-untyped-call]
        if self.socket is not None:
            self.socket.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        if self.socket is not None:
            self.socket.connection_lost()
            # The handler sees it by itself; a cancel could cut its cleaning up in two.
            self._task = None
        super().connection_lost(exc)  # type: ignore[no-untyped-call]

    def close(self, timeout: float | None = None) -> None:
        """Close an HTTP connection; a socket has closed itself when its handler returns."""
        if self.socket is None:
            super().close(timeout)

    def close_when_idle(self) -> None:
        """Close an HTTP connection now, or after its response; ``OpenSockets`` tells sockets."""
        if self.socket is None and not super().close_if_idle():
            self._http.keep_alive = False
