"""One figure each, of a stack that a scripted engine feeds."""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench.contestants import HttpContestant
from tests.bench.cpu import (
    NOISE,
    cpu_seconds,
    others_seconds,
    resident_bytes,
    taken_between,
)
from tests.bench.load import TOKENS_PER_REPLY, Target

# So many connections are opened at a time; more would measure the listening socket.
_AT_ONCE = 32
_OPEN_WITHIN_S = 120.0
_SETTLE_S = 3.0
_KB = 1024


class Flow(NamedTuple):
    """Tokens that came through; times in milliseconds, CPU in seconds by process.

    ``others`` is the share of a core that other programs took.
    """

    tokens: int
    chunks: int
    tokens_per_s: float
    gap_p50_ms: float
    gap_p99_ms: float
    cpu_s: dict[str, float]
    others: float

    @property
    def noisy(self) -> bool:
        """Whether other programs had a part in the result."""
        return self.others > NOISE

    def chunks_a_cpu_second(self, *processes: str) -> float:
        """Return how many server-sent events these processes carry in a second of their CPU."""
        return self.chunks / sum(self.cpu_s[name] for name in processes)


async def flow(
    contestant: HttpContestant,
    streams: int,
    replies: int,
    ramp_s: float = 0.0,
    behind: Sequence[int] = (),
) -> Flow:
    """Have replies made, so many at a time, after one warm-up.

    ``behind`` are the processes that a contestant passes requests on to.
    """
    await contestant.run(_AT_ONCE, _AT_ONCE)
    ours = (*contestant.pids, *behind)
    before, others = cpu_seconds(contestant.pids), others_seconds(ours)
    began = time.perf_counter()
    run = await contestant.run(streams, replies, ramp_s)
    elapsed = time.perf_counter() - began
    after, taken = cpu_seconds(contestant.pids), taken_between(others, others_seconds(ours))
    gaps = sorted(run.gaps_s)
    return Flow(
        replies * TOKENS_PER_REPLY,
        run.chunks,
        run.tokens_per_s,
        statistics.median(gaps) * 1000,
        gaps[int(len(gaps) * 0.99)] * 1000,
        {name: after[name] - before.get(name, 0.0) for name in after},
        taken / elapsed,
    )


async def idle_stream_kb(stack: HttpContestant, streams: int) -> float:
    """Return what a gateway holds, in KiB, for an open stream of a reply that waits."""
    room = asyncio.Semaphore(_AT_ONCE)
    opened: list[asyncio.StreamWriter] = []

    async def ask() -> str:
        async with room:
            return await _accepted(stack.target)

    async def open_stream(reply_id: str) -> None:
        async with room:
            opened.append(await _stream(stack.target, reply_id))

    async with asyncio.timeout(_OPEN_WITHIN_S):
        # What a gateway grows by at its first streams is not theirs.
        first = await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
        await asyncio.gather(*map(open_stream, first))
        replies = await asyncio.gather(*(ask() for _ in range(streams)))
        await asyncio.sleep(_SETTLE_S)
        before = resident_bytes(stack.pids, "gateway")
        await asyncio.gather(*map(open_stream, replies))
        await asyncio.sleep(_SETTLE_S)
        after = resident_bytes(stack.pids, "gateway")
    for writer in opened:
        writer.close()
    return (after - before) / streams / _KB


async def _accepted(target: Target) -> str:
    """Submit a prompt; return the id of its reply."""
    body = json.dumps({"model": target.model, "content": "Wait."}).encode()
    reader, writer = await _request(target, "POST /api/prompts", body)
    await _status(reader, 202)
    answer = json.loads(await reader.read())
    writer.close()
    return str(answer["reply_id"])


async def _stream(target: Target, reply_id: str) -> asyncio.StreamWriter:
    """Open the events of a reply; they stay open as long as the writer."""
    reader, writer = await _request(target, f"GET /api/replies/{reply_id}/events", b"")
    await _status(reader, 200)
    await reader.readuntil(b"caught_up")
    return writer


async def _request(
    target: Target, line: str, body: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    head = (
        f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\nConnection: close\r\n"
        f"Authorization: Bearer {target.api_key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    return reader, writer


async def _status(reader: asyncio.StreamReader, expected: int) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if int(head.split(b" ", 2)[1]) != expected:
        raise RuntimeError(head.decode() + (await reader.read(2_000)).decode())
