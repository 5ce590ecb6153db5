"""Start what is measured: vLLM's own server and a whole Rivulet stack, side by side.

All processes stay in one Unix session: an engine that busy-waits starves processes of other
sessions where the kernel groups them (autogroup), and would spoil the comparison.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.bench.contestants import EngineContestant, HttpContestant
from tests.bench.load import Target

_START_TIMEOUT_S = 240.0
_STOP_TIMEOUT_S = 60.0
_SLOTS = "128"
_SCRIPTED_SLOTS = 4_096
_VLLM_SETTINGS = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "WARNING"}
MODEL = "rivulet-demo"
OURS, THEIRS, ALONE = "Rivulet", "vLLM's server", "the engine alone"
_WEIGHTS = Path(__file__).parents[2] / "workers" / "demo_model" / "weights"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _process(
    command: list[str], environment: dict[str, str], output: Path, *, piped: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**clean, **environment},
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(url: str, output: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if _answers(url):
            return
        time.sleep(0.25)
    raise TimeoutError(f"{url} did not become ready:\n{output.read_text()[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextlib.contextmanager
def vllm_server(folder: Path) -> Iterator[HttpContestant]:
    """Run vLLM's OpenAI server on the demo model."""
    port, output = _free_port(), folder / "vllm.log"
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(_WEIGHTS), "--served-model-name", MODEL),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--max-num-seqs", _SLOTS, "--enforce-eager", "--disable-uvicorn-access-log"),
    ]
    with _process(command, _VLLM_SETTINGS, output) as process:
        _wait_until_ready(f"http://127.0.0.1:{port}/health", output)
        yield HttpContestant(Target(THEIRS, port, MODEL, "none"), process.pid)


@contextlib.contextmanager
def engine_alone(folder: Path) -> Iterator[EngineContestant]:
    """Run the engine in a process without a server."""
    command = [sys.executable, "-m", "tests.bench.engine", str(_WEIGHTS), _SLOTS]
    output = folder / "engine.log"
    with _process(command, _VLLM_SETTINGS, output, piped=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the engine did not start:\n{output.read_text()[-3000:]}")
        yield EngineContestant(ALONE, process)


@contextlib.contextmanager
def rivulet_stack(folder: Path, gateways: int) -> Iterator[HttpContestant]:
    """Run the whole stack with so many gateway processes and one worker."""
    name = OURS if gateways == 1 else f"{OURS}, {gateways} gateways"
    settings = {"RIVULET_WORKER_SLOTS": _SLOTS, "RIVULET_GATEWAY_PROCESSES": str(gateways)}
    with _stack(folder / f"rivulet-{gateways}", name, settings) as stack:
        yield stack


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
    port, output = _free_port(), folder / "stack.log"
    environment = {
        "RIVULET_DATA_DIR": str(folder / "data"),
        "RIVULET_PORT": str(port),
        **settings,
    }
    with _process([sys.executable, "-m", "compose", "up"], environment, output) as process:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", output)
        key = (folder / "data" / "dev-api-key").read_text().strip()
        yield HttpContestant(Target(name, port, MODEL, key), process.pid)
