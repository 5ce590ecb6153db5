"""Share the cores of a machine without a GPU between an engine and everybody else.

Without a GPU vLLM binds each of its computing threads to a core. Whoever else runs there holds up
every reply, for a step is done when its last thread is; so this process moves off these cores.
vLLM's scheduler, a process of its own, waits by spinning and gives its core away whenever somebody
else wants it, but is late then where many tokens keep us busy. Where a single thread computes, it
goes to that one's core meanwhile: the two take turns anyhow. The measurements are in
``docs/adr/0006-engine-first.md``. Linux only; elsewhere nothing is bound.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from schemas.cores import cores_of, move_process, threads_of

# Replies at once from which the scheduler is better off beside the computing thread, and below
# which it goes back; a few replies are made faster on two cores.
_MANY, _FEW = 24, 16

log = structlog.get_logger(__name__)


class EngineCores:
    """The cores of this process's children, as they are once the engine runs."""

    def __init__(self) -> None:
        process = os.getpid()
        self._all = cores_of(process)
        self._bound = set[int]()
        self._schedulers: list[int] = []
        for child in _descendants(process):
            bound = _bound_threads(child, self._all)
            self._bound |= bound
            if not bound:
                self._schedulers.append(child)
        self._beside = self._all - self._bound
        self._crowded = False

    def leave(self) -> None:
        """Move this process off the cores on which the engine computes, if there are others."""
        if self._bound and self._beside:
            move_process(os.getpid(), self._beside)
            log.info("cores_left_to_engine", bound=sorted(self._bound), left=sorted(self._beside))

    def suit(self, replies: int) -> None:
        """Put the engine's scheduler where it is best with so many replies at once."""
        crowded = replies >= (_FEW if self._crowded else _MANY)
        if crowded == self._crowded or len(self._bound) != 1 or not self._beside:
            return
        self._crowded = crowded
        for scheduler in self._schedulers:
            move_process(scheduler, self._bound if crowded else self._all)


def _bound_threads(process: int, cores: set[int]) -> set[int]:
    """Return the cores that single threads of a process are bound to."""
    bound = set[int]()
    for thread in threads_of(process):
        if (own := cores_of(thread)) < cores:
            bound |= own
    return bound


def _descendants(process: int) -> Iterator[int]:
    for thread in threads_of(process):
        with suppress(OSError):
            for child in Path(f"/proc/{process}/task/{thread}/children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))
