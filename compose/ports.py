"""Find free loopback ports, and see whether a wanted one is taken."""

import errno
import socket

from compose.errors import PortTaken

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port that nobody holds."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen there now; raises ``OSError`` for an unusable host."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        # As servers do: connections that linger after a stop do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def keep_or_choose(remembered: int | None) -> int:
    """Return the port of the last start while it is free, else a new one.

    A worker of ``make worker`` that outlives a restart then finds its broker again.
    """
    return remembered if remembered is not None and is_free(remembered) else free_port()


def require_free(setting: str, host: str, port: int) -> None:
    """Raise ``PortTaken``, naming the setting, unless a server can listen there."""
    try:
        free = is_free(port, host)
    except OSError as error:
        raise PortTaken(
            f"Cannot listen on {host}:{port} ({error.strerror}). Correct RIVULET_HOST "
            f"or {setting}={port}."
        ) from error
    if not free:
        raise PortTaken(
            f"Port {port} on {host} is taken ({setting}={port}). Stop the program that holds it, "
            f"or choose another: {setting}={free_port()} make up"
        )
