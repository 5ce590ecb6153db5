"""Which cores the threads of a process may run on. Linux only; elsewhere nobody is bound to any."""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path


def threads_of(pid: int) -> list[int]:
    """Return the ids of a process's threads; none if it is gone."""
    with suppress(OSError):
        return [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    return []


def cores_of(thread: int) -> set[int]:
    """Return the cores that a thread may run on; none if it is gone."""
    with suppress(AttributeError, ProcessLookupError):
        return os.sched_getaffinity(thread)
    return set()


def move_thread(thread: int, cores: Collection[int]) -> None:
    """Let a thread run on these cores only; nothing happens if it is gone."""
    with suppress(ProcessLookupError):
        os.sched_setaffinity(thread, cores)


def move_process(pid: int, cores: Collection[int]) -> None:
    """Let every thread of a process, and those that it will start, run on these cores only."""
    for thread in threads_of(pid):
        move_thread(thread, cores)
