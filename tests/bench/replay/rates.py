"""Rates by the clock and by the processor: on a busy machine only the second is the program's."""

import time
from typing import NamedTuple, Self

import psutil


class Rate(NamedTuple):
    """Things a second, and a second of the process's own CPU time."""

    by_clock: float
    by_cpu: float


class Stopwatch:
    """Times this process from its making on."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def rate(self, things: int) -> Rate:
        """Return the rate of what was done since."""
        return Rate(
            things / (time.perf_counter() - self._began), things / (time.process_time() - self._cpu)
        )


class Moment(NamedTuple):
    """A moment of another process."""

    at_s: float
    cpu_s: float

    @classmethod
    def of(cls, process: psutil.Process) -> Self:
        """Return the present one."""
        times = process.cpu_times()
        return cls(time.perf_counter(), times.user + times.system)

    def rate(self, later: "Moment", things: int) -> Rate:
        """Return the rate of what was done between two moments."""
        return Rate(things / (later.at_s - self.at_s), things / max(later.cpu_s - self.cpu_s, 0.01))


def memory_mb(process: psutil.Process) -> float:
    """Return the resident memory."""
    return float(process.memory_info().rss / 1e6)
