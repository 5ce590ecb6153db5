"""Take the port before anything is started, so that a taken one is named at once."""

import errno
import socket

from gateway.errors import PortTaken

# Connections that wait to be accepted while the process is busy.
_BACKLOG = 1_024


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port for one process; raises ``PortTaken``."""
    listener = _bound(host, port, shared=False)
    listener.listen(_BACKLOG)
    return listener


def reserve_shared_port(host: str, port: int) -> socket.socket:
    """Return a socket that holds the port, without listening, for processes that share it.

    Raises ``PortTaken``.
    """
    # A shared socket may join another stack's; one that is not shared finds that out.
    _bound(host, port, shared=False).close()
    return _bound(host, port, shared=True)


def open_shared_listener(host: str, port: int) -> socket.socket:
    """Return a socket of this process's own; the kernel spreads connections over all of them."""
    listener = _bound(host, port, shared=True)
    listener.listen(_BACKLOG)
    return listener


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # Connections of an earlier run that still linger do not block the port.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"RIVULET_PORT={port} on {host} is in use: choose another port or stop what uses it"
            ) from error
        raise PortTaken(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    listener.setblocking(False)
    return listener
