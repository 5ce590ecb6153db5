"""Let one request wait for as long as its reply takes.

Sanic ends a request that has not sent anything for its response timeout. That is right for a
client that stopped reading a stream (keep-alive comments are sent more often), and wrong for a
call that answers once, at the end of the reply.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sanic import Request

# Replies end by themselves long before: their deadline and longest run are minutes.
_LONG_S = 86_400.0


@contextmanager
def no_response_timeout(request: Request) -> Iterator[None]:
    """Lift the response timeout of this connection while the block runs."""
    protocol: Any = request.protocol
    usual = protocol.response_timeout
    protocol.response_timeout = _LONG_S
    try:
        yield
    finally:
        protocol.response_timeout = usual


def notice_hang_up(request: Request) -> None:
    """Read on while the request is answered: a lost connection shows in no other way.

    Sanic pauses reading while more than 64 KiB wait to be taken, and does not resume when the last
    of a body was taken. What a client sends behind its request pauses it again.
    """
    transport: Any = request.transport
    if transport is not None and not transport.is_closing():
        transport.resume_reading()
