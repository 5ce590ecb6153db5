"""What is compared: whatever takes a number of streams and tells how fast its tokens came."""

import asyncio
import json
import subprocess
from typing import NamedTuple, Protocol

from tests.bench.load import Run, Target, run_load

_TIMEOUT_S = 120.0


class Contestant(Protocol):
    """Something that makes replies; all its processes descend from those of ``pids``."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes whose descendants do the work."""

    async def run(self, streams: int, replies: int) -> Run:
        """Make ``replies`` replies, ``streams`` of them at a time."""


class HttpContestant(NamedTuple):
    """An OpenAI-compatible server."""

    target: Target
    pids: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the tables call it."""
        return self.target.name

    async def run(self, streams: int, replies: int, ramp_s: float = 0.0) -> Run:
        """Ask for the replies over HTTP; the streams begin within ``ramp_s``."""
        return await run_load(self.target, streams, replies, ramp_s)


class EngineContestant(NamedTuple):
    """The engine alone, in a process that takes loads as lines (``tests/bench/engine.py``)."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def pids(self) -> tuple[int, ...]:
        """The process whose descendants do the work."""
        return (self.process.pid,)

    async def run(self, streams: int, replies: int) -> Run:
        """Have the engine make the replies."""
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await asyncio.to_thread(self._run, streams, replies)
        except BaseException:
            # The thread waits for its answer; nobody else can end that.
            self.process.kill()
            raise

    def _run(self, streams: int, replies: int) -> Run:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([streams, replies]).encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the engine's process has ended; its folder has its log")
        return Run(*json.loads(answer))
