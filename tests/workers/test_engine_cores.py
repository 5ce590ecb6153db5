"""Where an engine's scheduler runs, with stand-ins for the engine's processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from workers.engines.cores import EngineCores

_EVERYWHERE = os.sched_getaffinity(0)
_FIRST = {min(_EVERYWHERE)}
# On a machine with one core nothing is bound that all are not, and nothing can be moved.
_CROWDED = _FIRST if len(_EVERYWHERE) > 1 else _EVERYWHERE


@contextmanager
def engine(*computing: set[int]) -> Iterator[int]:
    """Run a process for each computing thread's cores, and one that is bound to none: its id."""
    program = "import os; os.sched_setaffinity(0, {}); print(flush=True); input()"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program.format(cores)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for cores in (*computing, _EVERYWHERE)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    yield processes[-1].pid
    for process in processes:
        process.communicate(b"\n")


def test_the_scheduler_goes_to_the_one_computing_thread_while_there_are_many_replies() -> None:
    with engine(_FIRST) as scheduler:
        cores = EngineCores()
        seen = []
        for replies in (1, 23, 24, 100, 16, 15, 16, 0):
            cores.suit(replies)
            seen.append(os.sched_getaffinity(scheduler))
    assert seen == [_EVERYWHERE] * 2 + [_CROWDED] * 3 + [_EVERYWHERE] * 3


def test_where_several_threads_compute_it_is_left_alone() -> None:
    with engine(*({core} for core in _EVERYWHERE)) as scheduler:
        EngineCores().suit(100)
        assert os.sched_getaffinity(scheduler) == _EVERYWHERE
