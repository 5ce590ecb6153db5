"""Keep the worker's own process off the cores that its engine computes on.

Without a GPU vLLM binds each of its computing threads to a core. Whoever else runs on one of them
holds up every reply, for a step is done when its last thread is
(docs/adr/0006-engine-first.md).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from schemas.cores import cores_of, move_process, threads_of

log = structlog.get_logger(__name__)


def leave_cores_to_engine() -> None:
    """Move this process beside its children's bound threads, if there is room; once they run."""
    process = os.getpid()
    cores = cores_of(process)
    bound = _bound_by_children(process, cores)
    if bound and cores - bound:
        move_process(process, cores - bound)
        log.info("cores_left_to_engine", bound=sorted(bound), left=sorted(cores - bound))


def _bound_by_children(process: int, cores: set[int]) -> set[int]:
    bound = set[int]()
    for descendant in _descendants(process):
        for thread in threads_of(descendant):
            if (own := cores_of(thread)) < cores:
                bound |= own
    return bound


def _descendants(process: int) -> Iterator[int]:
    for thread in threads_of(process):
        with suppress(OSError):
            for child in Path(f"/proc/{process}/task/{thread}/children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))
