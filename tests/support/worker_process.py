"""Run a real worker process with the scripted engine, and stop, pause or kill it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import orjson

from tests.support.pausing import pause

_STOP_TIMEOUT_S = 40.0
_START_TIMEOUT_S = 20.0


class WorkerProcess:
    """``python -m workers`` on a broker; its log lines are JSON objects in ``log_path``.

    ``module`` names another entry point.
    """

    def __init__(
        self, folder: Path, nats_url: str, module: str = "workers", **settings: str
    ) -> None:
        self._module = module
        self.log_path = folder / f"worker-{time.monotonic_ns()}.log"
        self._settings = {
            "RIVULET_DATA_DIR": str(folder),
            "RIVULET_NATS_URL": nats_url,
            "RIVULET_ENGINE": "scripted",
            "RIVULET_SCRIPTED_TOKENS_PER_S": "100",
            "RIVULET_ACK_WAIT_S": "1",
            **{f"RIVULET_{name}": value for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = _START_TIMEOUT_S) -> Self:
        """Start the process and wait until it is ready for prompts."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                env={**clean, **self._settings},
                stdout=output,
                stderr=output,
            )
        self.wait_for_event("worker_ready", timeout_s)
        return self

    def events(self) -> list[dict[str, object]]:
        """Return the process's log records so far."""
        lines = self.log_path.read_bytes().splitlines()
        return [orjson.loads(line) for line in lines if line.startswith(b"{")]

    def wait_for_event(self, event: str, timeout_s: float = _START_TIMEOUT_S) -> dict[str, object]:
        """Return the first log record of this event, waiting for it."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            for record in self.events():
                if record.get("event") == event:
                    return record
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no {event!r} in the log:\n{self.log_path.read_text()[-4000:]}")

    def pause(self) -> None:
        """Let the process stand still, until SIGCONT."""
        assert self.process is not None
        pause(self.process.pid)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Wait until the process has ended; return its exit code."""
        assert self.process is not None
        return self.process.wait(_STOP_TIMEOUT_S)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        return self.wait()
