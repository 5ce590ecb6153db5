"""What a gateway holds in memory for an open stream in which nothing happens."""

import asyncio
import json
from pathlib import Path

import uvloop

from tests.bench.contestants import HttpContestant
from tests.bench.cpu import resident_bytes
from tests.bench.load import Target
from tests.bench.servers import scripted_stack

_STREAMS = 1_000
# A token in 50 seconds: nothing happens while the memory is read.
_TOKENS_PER_S = 0.02
# So many connections are opened at a time; more would measure the listening socket.
_AT_ONCE = 32
_OPEN_WITHIN_S = 120.0
_SETTLE_S = 3.0
_KB = 1024


def idle_stream_kb(folder: Path) -> float:
    """Start a stack of its own; return what a gateway holds, in KiB, for each waiting stream."""
    with scripted_stack(folder, _TOKENS_PER_S) as stack:
        return uvloop.run(_stream_kb(stack))


async def _stream_kb(stack: HttpContestant) -> float:
    """Open streams; return by how much the gateway has grown for each."""
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
        replies = await asyncio.gather(*(ask() for _ in range(_STREAMS)))
        await asyncio.sleep(_SETTLE_S)
        before = resident_bytes(stack.pids, "gateway")
        await asyncio.gather(*map(open_stream, replies))
        await asyncio.sleep(_SETTLE_S)
        after = resident_bytes(stack.pids, "gateway")
    for writer in opened:
        writer.close()
    return (after - before) / _STREAMS / _KB


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
