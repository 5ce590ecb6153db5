"""Put a fixed number of concurrent streaming chat completions on a server and time them.

The client is a bare protocol, to be run by uvloop, because on a small machine it shares the cores
with what it measures: it looks for the first content and for the end, and parses nothing else.
"""

import asyncio
import itertools
import json
import time
from typing import NamedTuple, cast

TOKENS_PER_REPLY = 128
# A proxy that carries a tenth of what it is asked for is slow, not broken.
_TIMEOUT_S = 400.0
QUESTIONS = (
    "What is Rivulet?",
    "How do I start the stack?",
    "What happens when a worker dies?",
    "Tell me a short story about a river.",
)


class Target(NamedTuple):
    """An OpenAI-compatible server on loopback."""

    name: str
    port: int
    model: str
    api_key: str


class Run(NamedTuple):
    """One load's result: durations in seconds, tokens per second over the whole load.

    ``chunks`` are server-sent events: several tokens may come in one.
    """

    tokens_per_s: float
    first_token_s: list[float]
    gaps_s: list[float]
    chunks: int = 0


class _Stream(asyncio.Protocol):
    """One HTTP request; ``done`` resolves when the server has sent ``[DONE]``."""

    def __init__(self, request: bytes) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first_at: float | None = None
        self.arrivals: list[float] = []
        self.chunks = 0
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is none by its class.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        # By the blank line behind each; a read may end between its two line ends.
        self.chunks += data.count(b"\n\n") + (self._tail[-1:] + data[:1] == b"\n\n")
        if self.first_at is None:
            # The role chunk has empty content; the first token's chunk does not.
            seen = self._tail + data
            if b'"content":"' in seen.replace(b'"content":""', b""):
                self.first_at = now
        elif b'"content":"' in self._tail[-10:] + data:
            # Not the chunks behind the last token: the reason of the end, the usage, ``[DONE]``.
            self.arrivals.append(now)
        self._tail = (self._tail + data)[-4_096:]
        if b"data: [DONE]" in self._tail:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc or ConnectionError(f"the stream broke off: {self._tail[-500:]!r}"))

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None and b'"completion_tokens":%d' % TOKENS_PER_REPLY not in self._tail:
                error = ValueError(f"not {TOKENS_PER_REPLY} tokens: {self._tail[-500:]!r}")
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
        if self._transport is not None:
            self._transport.close()


def _request(target: Target, index: int) -> bytes:
    body = json.dumps(
        {
            "model": target.model,
            "messages": [{"role": "user", "content": QUESTIONS[index % len(QUESTIONS)]}],
            "max_tokens": TOKENS_PER_REPLY,
            "temperature": 0,
            "ignore_eos": True,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{target.port}\r\n"
        f"Authorization: Bearer {target.api_key}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def _one(target: Target, index: int) -> tuple[float, list[float], int]:
    started = time.perf_counter()
    _, stream = await asyncio.get_running_loop().create_connection(
        lambda: _Stream(_request(target, index)), "127.0.0.1", target.port
    )
    await asyncio.wait_for(stream.done, _TIMEOUT_S)
    if stream.first_at is None:
        raise ValueError("a stream ended without a token")
    times = [stream.first_at, *stream.arrivals]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return stream.first_at - started, gaps, stream.chunks


async def run_load(target: Target, streams: int, replies: int, ramp_s: float = 0.0) -> Run:
    """Ask for ``replies`` replies with ``streams`` of them at once; return what was measured.

    The streams begin within ``ramp_s``, evenly: all at once they would stay in step.
    """
    waiting = iter(range(replies))
    results: list[tuple[float, list[float], int]] = []

    async def client(number: int) -> None:
        await asyncio.sleep(ramp_s * number / streams)
        for index in waiting:
            result = await _one(target, index)
            results.append(result)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for number in range(streams):
            clients.create_task(client(number))
    elapsed = time.perf_counter() - started
    return Run(
        replies * TOKENS_PER_REPLY / elapsed,
        [first for first, _, _ in results],
        [gap for _, gaps, _ in results for gap in gaps],
        sum(chunks for _, _, chunks in results),
    )
