"""The open sockets of this process, to be closed when it stops."""

import contextlib
from collections.abc import Iterator

from gateway.errors import GatewayStopping
from gateway.socket.close_codes import RESTARTING
from gateway.socket.connection import SocketConnection


class OpenSockets:
    """Every socket is in here from its handshake to its end."""

    def __init__(self) -> None:
        self._open: set[SocketConnection] = set()
        self._stopping = False

    def refuse_if_stopping(self) -> None:
        """Raise ``GatewayStopping`` once the process takes no more sockets."""
        if self._stopping:
            raise GatewayStopping

    @contextlib.contextmanager
    def holding(self, connection: SocketConnection) -> Iterator[None]:
        """Count the socket as open for the duration of the block."""
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    def stop(self) -> None:
        """Close every socket in a way that tells its client to come back, and open no more."""
        self._stopping = True
        for connection in list(self._open):
            connection.close(RESTARTING, "connect again, elsewhere")
