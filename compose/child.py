"""Keep one process of the stack running, and stop it with everything that it has started."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence

from compose.children import ChildGroups
from compose.cores import move_tree
from compose.leash import leashed
from compose.output import LineBuffer
from compose.sinks import Sink

_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 30.0
# A process that ran this long was well: its next death starts again with the shortest delay.
_WELL_AFTER_S = 60.0
# After its group was killed nothing holds a child's output open; this only bounds the unforeseen.
_OUTPUT_END_S = 2.0
_READ_BYTES = 64 * 1024


class Child:
    """One process: its command, and the delay between its lives."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        sink: Sink,
        groups: ChildGroups,
        grace_s: float,
        before_start: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._say = say
        self.sink = sink
        self._groups = groups
        self._grace_s = grace_s
        self._before_start = before_start
        self._process: Process | None = None
        self._cores: set[int] = set()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def keep_to(self, cores: set[int]) -> None:
        """Let the process run on these cores only, in all its lives."""
        self._cores = cores
        if self.pid is not None:
            move_tree(self.pid, cores)

    async def run(self) -> None:
        """Start the process again whenever it dies, until ``stop``. Cancelled, it kills it."""
        delay = _FIRST_DELAY_S
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                code = await self.run_once()
                if self._stopping.is_set():
                    break
                if time.monotonic() - started > _WELL_AFTER_S:
                    delay = _FIRST_DELAY_S
                self.sink.explain()
                self._say(f"{self.name} {_ending(code)}; it starts again in {delay:g} s")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay)
                delay = min(2 * delay, _LONGEST_DELAY_S)
        finally:
            self._ended.set()

    async def run_once(self) -> int:
        """Run the process to its end; return its exit code."""
        if self._before_start is not None:
            self._before_start()
        process = self._process = await self._spawn()
        self._groups.add(process.pid)
        if self._cores:
            move_tree(process.pid, self._cores)
        if self._stopping.is_set():
            # `stop` came while it was being started and found nothing to ask.
            process.terminate()
        relay = asyncio.create_task(self._relay(process))
        try:
            return await process.wait()
        finally:
            # What the process has started must not outlive it: an engine core would keep the GPU.
            kill_group(process.pid)
            self._groups.remove(process.pid)
            await asyncio.wait([relay], timeout=_OUTPUT_END_S)
            relay.cancel()

    async def stop(self) -> None:
        """Ask the process to stop, kill it after its grace, and wait until it is gone."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._ended.wait(), self._grace_s)
        except TimeoutError:
            self._say(f"{self.name} did not stop in {self._grace_s:g} s: killing it")
            if self._process is not None:
                kill_group(self._process.pid)
            await self._ended.wait()

    async def _spawn(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *leashed(self._command),
            env=self._environment,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            # A group of its own, so that a Ctrl-C in the terminal reaches only us and the order
            # of the stop is ours. The session stays: in another one vLLM's busy engine would
            # starve the child (docs/adr/0004-own-supervisor.md).
            process_group=0,
        )

    async def _relay(self, process: Process) -> None:
        lines = LineBuffer()
        if process.stdout is None:
            return
        while data := await process.stdout.read(_READ_BYTES):
            for line in lines.feed(data):
                self.sink.line(line)
        for line in lines.end():
            self.sink.line(line)


def kill_group(group: int) -> None:
    """Kill a process and everything that it has started, as far as that still runs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"
