"""One HTTP request on a connection of its own, as cheap as it can be.

The clients of a fault run share the cores with what they watch, so a token costs them a few
microseconds: a protocol, a parser in C, and no layers between.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

import httptools
import orjson

_HOST = "127.0.0.1"
_CONNECT_TIMEOUT_S = 5.0


class BrokenExchange(ConnectionError):
    """The connection was refused, broke, or was silent for too long."""


class Answer(NamedTuple):
    """A complete response; ``body`` is empty where it was handed on piece by piece."""

    status: int
    body: bytes
    retry_after_s: float


class Request(NamedTuple):
    """What is asked; ``body`` becomes JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: object = None

    def encode(self) -> bytes:
        """Return the request as bytes."""
        payload = b"" if self.body is None else orjson.dumps(self.body)
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            f"Host: {_HOST}",
            "Connection: close",
            f"Content-Length: {len(payload)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


class _Exchange(asyncio.Protocol):
    def __init__(self, request: bytes, on_body: Callable[[bytes], None] | None) -> None:
        self.over: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.received = 0
        self._request = request
        self._parser = httptools.HttpResponseParser(self)
        self._hand_on = on_body
        self._body = bytearray()
        self._retry_after_s = 0.0

    # From the transport.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined] # uvloop's has no base class

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(BrokenExchange(repr(exc)))

    # From the parser.
    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after_s = float(value)

    def on_body(self, data: bytes) -> None:
        if self._hand_on is not None and self._parser.get_status_code() == 200:
            self._hand_on(data)
        else:
            self._body += data

    def on_message_complete(self) -> None:
        if not self.over.done():
            status = self._parser.get_status_code()
            self.over.set_result(Answer(status, bytes(self._body), self._retry_after_s))


async def exchange(
    port: int,
    request: Request,
    *,
    silence_s: float,
    on_body: Callable[[bytes], None] | None = None,
) -> Answer:
    """Return the answer; raises ``BrokenExchange``, also after ``silence_s`` without a byte.

    ``on_body`` is given the pieces of a body with status 200 as they come.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            transport, protocol = await loop.create_connection(
                lambda: _Exchange(request.encode(), on_body), _HOST, port
            )
    except OSError as error:  # TimeoutError is one
        raise BrokenExchange(repr(error)) from error
    try:
        while not protocol.over.done():
            before = protocol.received
            await asyncio.wait({protocol.over}, timeout=silence_s)
            if not protocol.over.done() and protocol.received == before:
                raise BrokenExchange(f"silent for {silence_s} s")
        return protocol.over.result()
    finally:
        protocol.over.cancel()
        transport.abort()
