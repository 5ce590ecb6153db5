"""Run ``python -m gateway`` as a process of its own on a free port."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from tests.support.servers import free_port

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20.0
_POLL_S = 0.02


class GatewayProcess:
    """The gateway, started by its command line; ``dev_key`` needs the store."""

    def __init__(self, folder: Path, nats_url: str, mongo_url: str, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = folder / "data"
        self.port = free_port()
        self.log_path = folder / f"gateway-{self.port}.log"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        self.environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "RIVULET_DATA_DIR": str(self.data_dir),
            "RIVULET_NATS_URL": nats_url,
            "RIVULET_MONGO_URL": mongo_url,
            "RIVULET_PORT": str(self.port),
            **{f"RIVULET_{name}": value for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the gateway to its end."""
        return subprocess.run(
            [sys.executable, "-m", "gateway", *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=40,
        )

    def dev_key(self) -> str:
        """Return the API key of the user dev."""
        done = self.run("dev-key")
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip()).read_text().strip()

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway"],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
        self.wait_until(self.answers)
        return self

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def readiness(self) -> dict[str, Any]:
        body: dict[str, Any] = httpx.get(f"{self.url}/readyz", timeout=5).json()
        return body

    def wait_for_parts(self, **parts: bool) -> None:
        """Wait until ``/readyz`` says this of its parts."""
        self.wait_until(lambda: self.readiness().items() >= parts.items())

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.log_path.read_text()[-4000:]
            assert time.monotonic() < deadline, self.log_path.read_text()[-4000:]
            time.sleep(_POLL_S)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines of one event."""
        lines = [orjson.loads(line) for line in self.log_path.read_bytes().splitlines()]
        return [line for line in lines if line["event"] == event]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; return the exit status and the seconds that it took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(number)
        try:
            status = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(self.log_path.read_text()[-4000:]) from error
        return status, time.monotonic() - started

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)


@contextlib.contextmanager
def running_gateway(gateway: GatewayProcess) -> Iterator[GatewayProcess]:
    """Run the gateway for the duration of the block."""
    try:
        yield gateway.start()
    finally:
        gateway.end()
