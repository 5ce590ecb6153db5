"""Share the cores of a machine without a GPU between an engine and everybody else.

Without a GPU vLLM binds the threads that compute to cores. Whoever else runs there holds up every
reply, for a step is done when its last thread is; so this process moves off these cores. Where a
single core computes, the engine is one process (``vllm_loading``), whose other threads have
inherited its core; they are let go. The measurements are in ``docs/adr/0006-engine-first.md``.
Linux only; elsewhere nothing is bound.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from schemas.cores import cores_of, move_process, move_thread, threads_of

_SWEEPS = 5
_BETWEEN_SWEEPS_S = 0.1

log = structlog.get_logger(__name__)


def leave_to_engine() -> None:
    """Move this process off the cores on which its children compute, if there are others."""
    own = os.getpid()
    everywhere = cores_of(own)
    bound = {child: _bound_cores(child, everywhere) for child in _descendants(own)}
    computing = set[int]().union(*bound.values())
    if not computing or computing == everywhere:
        return
    for child, cores in bound.items():
        if cores and len(computing) == 1:
            _free_helpers(child, everywhere)
    move_process(own, everywhere - computing)
    log.info("cores_left_to_engine", bound=sorted(computing), left=sorted(everywhere - computing))


def _bound_cores(process: int, everywhere: set[int]) -> set[int]:
    """Return the cores that single threads of a process are bound to."""
    threads = (cores_of(thread) for thread in threads_of(process))
    return set[int]().union(*(own for own in threads if own < everywhere))


def _free_helpers(process: int, everywhere: set[int]) -> None:
    """Let all threads run everywhere but the first, which is the one that computes.

    The last of them are only started when the engine has said that it is ready.
    """
    for _ in range(_SWEEPS):
        for thread in threads_of(process):
            if thread != process:
                move_thread(thread, everywhere)
        time.sleep(_BETWEEN_SWEEPS_S)


def _descendants(process: int) -> Iterator[int]:
    for thread in threads_of(process):
        with suppress(OSError):
            for child in Path(f"/proc/{process}/task/{thread}/children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))
