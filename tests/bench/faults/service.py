"""One process of the stack under test: started, killed, paused and started again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from compose.leash import leashed

ROOT = Path(__file__).parents[3]
# vLLM loads its model, and several processes may start at once.
_START_TIMEOUT_S = 240.0
_POLL_S = 0.02


class Service:
    """``python -m ...``; ready once its log says ``ready_event``."""

    def __init__(
        self, module: tuple[str, ...], environment: Mapping[str, str], log_path: Path, ready: str
    ) -> None:
        self.ready = False
        self.log_path = log_path
        self.process: asyncio.subprocess.Process | None = None
        self._command = leashed([sys.executable, "-m", *module])
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        self._environment = {**inherited, "PYTHONPATH": str(ROOT), **environment}
        self._ready_event = f'"{ready}"'.encode()
        self._starting: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the process exists."""
        return self.process is not None and self.process.returncode is None

    @property
    def pid(self) -> int:
        """The process's id; that of the last one when it has ended."""
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        """Start the process and wait until it is ready; a signal of ours ends the wait."""
        process, begins = await self._spawn()
        async with asyncio.timeout(_START_TIMEOUT_S):
            while not self._said_ready(begins):
                await asyncio.sleep(_POLL_S)
                if process.returncode is not None:
                    break
        if process.returncode not in (None, -signal.SIGKILL, -signal.SIGTERM):
            raise RuntimeError(f"{self.log_path.name}: the process ended:\n{self._last_words()}")
        self.ready = process is self.process and process.returncode is None

    def start_soon(self) -> None:
        """Start beside everything else; ``check`` tells when that failed."""
        self._starting = asyncio.create_task(self.start())

    def check(self) -> None:
        """Raise what went wrong in ``start_soon``."""
        if self._starting is not None and self._starting.done():
            self._starting.result()

    async def run(self) -> None:
        """Run it to its end."""
        process, _ = await self._spawn()
        if await process.wait() != 0:
            raise RuntimeError(f"{self.log_path.name}: it failed:\n{self._last_words()}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens to a process that has ended already."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.ready = False
        self.signal(signal.SIGKILL)
        await self.wait()

    async def end(self) -> None:
        """End it for good, also while it is being started."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await self.kill()

    async def stop(self) -> None:
        """End it with SIGTERM, and wait for as long as it takes."""
        self.ready = False
        self.signal(signal.SIGTERM)
        await self.wait()

    async def wait(self) -> None:
        """Wait until the process has ended."""
        if self.process is not None:
            await self.process.wait()

    async def _spawn(self) -> tuple[asyncio.subprocess.Process, int]:
        with self.log_path.open("ab") as log:
            begins = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, cwd=ROOT, stdout=log, stderr=log
            )
        return self.process, begins

    def _said_ready(self, begins: int) -> bool:
        with self.log_path.open("rb") as log:
            log.seek(begins)
            return self._ready_event in log.read()

    def _last_words(self) -> str:
        return self.log_path.read_text(errors="replace")[-3_000:]
