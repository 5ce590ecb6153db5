"""Start what is measured: vLLM's own server and a whole Rivulet stack, side by side.

All processes stay in one Unix session: an engine that busy-waits starves processes of other
sessions where the kernel groups them (autogroup), and would spoil the comparison.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nats.js.api import StorageType

from compose.leash import leashed
from schemas.broker import connect
from schemas.settings import read_stack_file
from schemas.streams import REPLIES, replies_stream
from tests.bench.contestants import EngineContestant, HttpContestant
from tests.bench.load import Target
from workers.app import UNCOMPILED

# Whatever proxy the environment names.
_LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_TIMEOUT_S = 240.0
_STOP_TIMEOUT_S = 60.0
_SLOTS = "128"
_SCRIPTED_SLOTS = 4_096
# What our worker has for the demo model.
_VLLM_SETTINGS = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_USE_FLASHINFER_SAMPLER": "0",
}
# One user, who may have as many replies at once as there are streams.
_LOADED = {"RIVULET_WORKER_SLOTS": _SLOTS, "RIVULET_MAX_RUNNING_PER_USER": str(_SCRIPTED_SLOTS)}
MODEL = "rivulet-demo"
OURS, THEIRS, ALONE = "Rivulet", "vLLM's server", "the engine alone"
UNSTORED = "Rivulet, frames in memory"
_WEIGHTS = Path(__file__).parents[2] / "workers" / "demo_model" / "weights"


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(
    command: list[str], environment: dict[str, str], output: Path, *, piped: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the duration of the block.

    It gets no setting of our environment, and no proxy: nothing goes beyond loopback.
    """
    clean = {k: v for k, v in os.environ.items() if not _is_left_out(k)}
    with output.open("wb") as log:
        running = subprocess.Popen(
            # Also when this process is killed with -9.
            leashed(command),
            env={**clean, **environment},
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else log,
            stderr=log,
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        if running.stdin is not None:
            running.stdin.close()
        try:
            running.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _is_left_out(name: str) -> bool:
    return name.startswith("RIVULET_") or name.lower().endswith("_proxy")


def wait_until_ready(url: str, output: Path) -> None:
    """Wait until a URL answers 200; raises ``TimeoutError`` with the end of the log."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if _answers(url):
            return
        time.sleep(0.25)
    raise TimeoutError(f"{url} did not become ready:\n{output.read_text()[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with _LOOPBACK.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextlib.contextmanager
def vllm_server(folder: Path) -> Iterator[HttpContestant]:
    """Run vLLM's OpenAI server on the demo model."""
    port, output = free_port(), folder / "vllm.log"
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(_WEIGHTS), "--served-model-name", MODEL),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--max-num-seqs", _SLOTS, "--disable-uvicorn-access-log"),
        *("--compilation-config", json.dumps(UNCOMPILED)),
    ]
    with process(command, _VLLM_SETTINGS, output) as server:
        wait_until_ready(f"http://127.0.0.1:{port}/health", output)
        yield HttpContestant(Target(THEIRS, port, MODEL, "none"), (server.pid,))


@contextlib.contextmanager
def engine_alone(folder: Path) -> Iterator[EngineContestant]:
    """Run the engine in a process without a server."""
    command = [sys.executable, "-m", "tests.bench.engine", str(_WEIGHTS), _SLOTS]
    output = folder / "engine.log"
    with process(command, _VLLM_SETTINGS, output, piped=True) as engine:
        assert engine.stdout is not None
        if engine.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the engine did not start:\n{output.read_text()[-3000:]}")
        yield EngineContestant(ALONE, engine)


@contextlib.contextmanager
def rivulet_stack(folder: Path, gateways: int) -> Iterator[HttpContestant]:
    """Run the whole stack with so many gateway processes and one worker."""
    name = OURS if gateways == 1 else f"{OURS}, {gateways} gateways"
    settings = {**_LOADED, "RIVULET_GATEWAY_PROCESSES": str(gateways)}
    with _stack(folder / f"rivulet-{gateways}", name, settings) as stack:
        yield stack


@contextlib.contextmanager
def unstored_stack(folder: Path) -> Iterator[HttpContestant]:
    """Run the whole stack, and let the broker write no frame to a disk.

    Frames still go through the broker, which orders them and tells readers of them; what differs is
    their storing. No setting does this: it would be a Rivulet that loses answers.
    """
    with _stack(folder / "rivulet-unstored", UNSTORED, _LOADED) as stack:
        asyncio.run(_keep_in_memory(folder / "rivulet-unstored" / "data"))
        yield stack


async def _keep_in_memory(data_dir: Path) -> None:
    broker = await connect(read_stack_file(data_dir)["RIVULET_NATS_URL"], "bench")
    jetstream = broker.jetstream()
    await jetstream.delete_stream(REPLIES)
    await jetstream.add_stream(replace(replies_stream(), storage=StorageType.MEMORY))
    await broker.close()


@contextlib.contextmanager
def scripted_stack(folder: Path, tokens_per_s: float) -> Iterator[HttpContestant]:
    """Run the whole stack on a script, at so many tokens a second for each reply."""
    settings = {
        "RIVULET_ENGINE": "scripted",
        "RIVULET_SCRIPTED_TOKENS_PER_S": str(tokens_per_s),
        "RIVULET_WORKER_SLOTS": str(_SCRIPTED_SLOTS),
        "RIVULET_MAX_RUNNING_PER_USER": str(_SCRIPTED_SLOTS),
    }
    with _stack(folder / f"scripted-{tokens_per_s}", OURS, settings) as stack:
        yield stack


@contextlib.contextmanager
def _stack(folder: Path, name: str, settings: dict[str, str]) -> Iterator[HttpContestant]:
    folder.mkdir()
    port, output = free_port(), folder / "stack.log"
    environment = {
        "RIVULET_DATA_DIR": str(folder / "data"),
        "RIVULET_PORT": str(port),
        # vLLM's server writes no line for a request either.
        "RIVULET_LOG_LEVEL": "warning",
        **settings,
    }
    with process([sys.executable, "-m", "compose", "up"], environment, output) as stack:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", output)
        key = (folder / "data" / "dev-api-key").read_text().strip()
        yield HttpContestant(Target(name, port, MODEL, key), (stack.pid,))
