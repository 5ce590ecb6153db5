"""Run a whole stack as ``make up`` does, in a folder of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx

from schemas.settings import read_stack_file
from tests.support.servers import free_port

_START_TIMEOUT_S = 180.0
_STOP_TIMEOUT_S = 60.0


class StackProcess:
    """``python -m compose up`` with settings; what it prints is in ``log_path``."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log_path = data_dir.parent / f"{data_dir.name}.log"
        self._settings = {
            "RIVULET_DATA_DIR": str(data_dir),
            "RIVULET_PORT": str(self.port),
            **{f"RIVULET_{name}": value for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_key(self) -> str:
        return (self.data_dir / "dev-api-key").read_text().strip()

    @property
    def environment(self) -> dict[str, str]:
        """What every command of this stack runs with."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        return {**clean, **self._settings}

    @property
    def stack_settings(self) -> dict[str, str]:
        return read_stack_file(self.data_dir)

    def output(self) -> str:
        return self.log_path.read_text()

    def start(self) -> Self:
        """Start the stack and wait until it says that it is ready."""
        # A second start writes behind the output of the first.
        said = len(self.output()) if self.log_path.exists() else 0
        self.run("compose", "up")
        deadline = time.monotonic() + _START_TIMEOUT_S
        while "curl" not in self.output()[said:]:
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the stack did not start:\n{self.output()[-6000:]}")
            time.sleep(0.1)
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{self.url}/readyz")
        return self

    def run(self, *module_and_arguments: str) -> subprocess.Popen[bytes]:
        """Start ``python -m ...`` with this stack's settings; the first is the stack itself."""
        with self.log_path.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *module_and_arguments],
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        self.process = self.process or process
        return process

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGINT)
        return process.wait(_STOP_TIMEOUT_S)
