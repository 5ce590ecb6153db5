"""Where a worker runs beside its engine, with stand-ins for the engine's processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from schemas.cores import cores_of, move_process, threads_of
from workers.engines.cores import leave_to_engine

_EVERYWHERE = os.sched_getaffinity(0)
_ENGINE = """
import os, threading
os.sched_setaffinity(0, {cores})
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(flush=True)
input()
"""


@pytest.fixture(autouse=True)
def back_everywhere() -> Iterator[None]:
    yield
    move_process(os.getpid(), _EVERYWHERE)


@contextmanager
def engine(*computing: set[int]) -> Iterator[list[int]]:
    """Run a process with two threads for each set of cores; yields their ids."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _ENGINE.format(cores=cores)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for cores in computing
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    yield [process.pid for process in processes]
    for process in processes:
        process.communicate(b"\n")


def test_where_one_core_computes_the_engines_other_threads_are_let_go() -> None:
    first = {min(_EVERYWHERE)}
    with engine(first) as (process,):
        leave_to_engine()
        [helper] = set(threads_of(process)) - {process}
        assert cores_of(process) == first
        assert cores_of(helper) == _EVERYWHERE
        # On a machine of one core there are no others.
        assert cores_of(os.getpid()) == (_EVERYWHERE - first or _EVERYWHERE)


def test_where_every_core_computes_nothing_moves() -> None:
    with engine(*({core} for core in _EVERYWHERE)) as processes:
        leave_to_engine()
        threads = [thread for process in processes for thread in threads_of(process)]
        assert all(len(cores_of(thread)) == 1 for thread in threads)
        assert cores_of(os.getpid()) == _EVERYWHERE


def test_where_nothing_is_bound_nothing_moves() -> None:
    with engine(_EVERYWHERE):
        leave_to_engine()
        assert cores_of(os.getpid()) == _EVERYWHERE
