"""Keep the stack off the cores that its worker leaves to the engine.

The worker knows when its engine runs and where, and moves itself (``workers/engines/cores.py``);
here the other processes follow it.
"""

import os
from contextlib import suppress

import psutil

from schemas.cores import cores_of, move_process


def cores_of_worker(pid: int) -> set[int]:
    """Return the cores that a worker has left for the stack; none where it left all."""
    cores = cores_of(pid)
    return set() if cores == cores_of(os.getpid()) else cores


def move_tree(pid: int, cores: set[int]) -> None:
    """Let a process and all that it has started run on these cores only."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            move_process(one.pid, cores)
