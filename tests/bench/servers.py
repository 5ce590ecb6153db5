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

from tests.bench.load import Target

_START_TIMEOUT_S = 240.0
_STOP_TIMEOUT_S = 60.0
_SLOTS = "128"
MODEL = "rivulet-demo"
_WEIGHTS = Path(__file__).parents[2] / "workers" / "demo_model" / "weights"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str], output: Path) -> Iterator[None]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
    with output.open("wb") as log:
        process = subprocess.Popen(command, env={**clean, **environment}, stdout=log, stderr=log)
    try:
        yield
    finally:
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
def vllm_server(folder: Path) -> Iterator[Target]:
    """Run vLLM's OpenAI server on the demo model."""
    port, output = _free_port(), folder / "vllm.log"
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(_WEIGHTS), "--served-model-name", MODEL),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--max-num-seqs", _SLOTS, "--enforce-eager", "--disable-uvicorn-access-log"),
    ]
    environment = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "WARNING"}
    with _process(command, environment, output):
        _wait_until_ready(f"http://127.0.0.1:{port}/health", output)
        yield Target("vLLM server", port, MODEL, "none")


@contextlib.contextmanager
def rivulet_stack(folder: Path) -> Iterator[Target]:
    """Run the whole stack with one gateway process and one worker."""
    port, output, data_dir = _free_port(), folder / "rivulet.log", folder / "data"
    environment = {
        "RIVULET_DATA_DIR": str(data_dir),
        "RIVULET_PORT": str(port),
        "RIVULET_WORKER_SLOTS": _SLOTS,
    }
    with _process([sys.executable, "-m", "compose", "up"], environment, output):
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", output)
        key = (data_dir / "dev-api-key").read_text().strip()
        yield Target("Rivulet", port, MODEL, key)
