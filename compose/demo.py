"""Show the promise: kill the worker that is speaking, and watch the answer go on.

Runs a stack of its own with two workers in a temporary folder, asks the demo model for a story
over ``/v1/chat/completions``, and kills the worker that writes it, twice: with SIGKILL, as a crash
does, and with SIGTERM, as an upgrade does. The same HTTP response goes on to the end.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from nats.aio.client import Client

from compose.data_dir import API_KEY_FILE
from compose.errors import DemoFailed
from compose.ports import LOOPBACK, free_port
from compose.procfile import DEFAULT_PROCFILE
from schemas import subjects
from schemas.beacon import decode_beacon
from schemas.broker import connect, disconnect
from schemas.frames import Attempt
from schemas.reply_log import ReplyLog
from schemas.settings import read_stack_file

MODEL = "rivulet-demo"
QUESTION = "Tell me a story"
# The story has about 250 tokens.
_KILL_AT_PIECE = 90
_START_TIMEOUT_S = 240.0
_ANSWER_TIMEOUT_S = 60.0
_WORKERS = 2


def demo() -> None:
    """Run the whole demonstration; raises ``DemoFailed``."""
    with tempfile.TemporaryDirectory(prefix="rivulet-demo-") as folder:
        asyncio.run(_demonstrate(Path(folder)))


async def _demonstrate(folder: Path) -> None:
    _say("Starting a stack with two workers (one to two minutes) ...")
    async with _stack(folder) as port, _broker(folder) as broker:
        await _wait_for_workers(broker)
        key = (folder / "data" / API_KEY_FILE).read_text().strip()
        whole = "".join([piece async for piece, _ in _ask(port, key)])
        reply_log = await ReplyLog.open(broker)
        for number in (signal.SIGKILL, signal.SIGTERM):
            text = await _ask_and_kill(port, key, reply_log, number)
            if text != whole:
                raise DemoFailed("The answer is not the same as without a kill.")
            _say("The same answer as without a kill, character by character.\n")
            await _wait_for_workers(broker)


async def _ask_and_kill(port: int, key: str, reply_log: ReplyLog, number: signal.Signals) -> str:
    """Print the answer as it comes; signal its worker in the middle; return the text."""
    _say(f"$ ask {QUESTION!r}     # and {number.name} to its worker in mid-sentence\n")
    pieces: list[str] = []
    longest_s, last_at = 0.0, time.monotonic()
    async for piece, reply_id in _ask(port, key):
        longest_s, last_at = max(longest_s, time.monotonic() - last_at), time.monotonic()
        _write(piece)
        pieces.append(piece)
        if len(pieces) == _KILL_AT_PIECE:
            pid = await _worker_of(reply_log, reply_id)
            _write(f"\x1b[1;31m ⟨{number.name} to worker {pid}⟩ \x1b[0m")
            os.kill(pid, number)
            last_at, longest_s = time.monotonic(), 0.0
    _say(f"\n\nThe longest pause was {longest_s:.1f} s.", end=" ")
    return "".join(pieces)


async def _worker_of(reply_log: ReplyLog, reply_id: str) -> int:
    """Return the process that writes a reply: the log names its worker, and that its pid."""
    attempts = [f.frame for f in await reply_log.read(reply_id) if isinstance(f.frame, Attempt)]
    return int(attempts[-1].worker.split("-")[-2])


async def _ask(port: int, key: str) -> AsyncIterator[tuple[str, str]]:
    """Yield the pieces of one streaming chat completion, each with the reply's id."""
    body = orjson.dumps(
        {
            "model": MODEL,
            "stream": True,
            "temperature": 0,
            "messages": [{"role": "user", "content": QUESTION}],
        }
    )
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(head.encode() + body)
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            async for line in reader:
                if not line.startswith(b"data: {"):
                    continue
                chunk = orjson.loads(line.removeprefix(b"data: "))
                piece = chunk["choices"][0]["delta"].get("content")
                if piece:
                    yield piece, chunk["id"].removeprefix("chatcmpl-")
    finally:
        writer.close()


@asynccontextmanager
async def _stack(folder: Path) -> AsyncIterator[int]:
    """Run a stack with one worker more than usual; yield the gateway's port."""
    port = free_port()
    procfile = folder / "Procfile"
    procfile.write_text(f"{DEFAULT_PROCFILE.read_text()}\nworker-b: python -m workers\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RIVULET_")}
    own = {"RIVULET_DATA_DIR": str(folder / "data"), "RIVULET_PORT": str(port)}
    with (folder / "stack.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "compose", "up", "--procfile", str(procfile)),
            env={**clean, **own},
            stdout=log,
            stderr=log,
        )
    try:
        await _wait_for_file(folder / "data" / API_KEY_FILE, process)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _wait_for_file(path: Path, process: asyncio.subprocess.Process) -> None:
    give_up_at = time.monotonic() + _START_TIMEOUT_S
    while not await asyncio.to_thread(path.exists):
        if process.returncode is not None or time.monotonic() > give_up_at:
            raise DemoFailed("The stack did not start; `make up` says why.")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _broker(folder: Path) -> AsyncIterator[Client]:
    url = read_stack_file(folder / "data")["RIVULET_NATS_URL"]
    client = await connect(url, "rivulet-demo")
    try:
        yield client
    finally:
        await disconnect(client)


async def _wait_for_workers(broker: Client) -> None:
    """Return when every worker has been heard just now."""
    subscription = await broker.subscribe(subjects.ALL_BEACONS)
    heard: set[str] = set()
    try:
        async with asyncio.timeout(_START_TIMEOUT_S):
            async for message in subscription.messages:
                beacon = decode_beacon(message.data)
                if not beacon.draining:
                    heard.add(beacon.worker)
                if len(heard) == _WORKERS:
                    break
    except TimeoutError as error:
        raise DemoFailed(
            f"Only {len(heard)} of {_WORKERS} workers came up in {_START_TIMEOUT_S:.0f} s; "
            "`make up` and `make worker` say why."
        ) from error
    await subscription.unsubscribe()


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)


def _write(text: str) -> None:
    print(text, end="", flush=True)
