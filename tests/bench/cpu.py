"""How much CPU and memory the processes of a server use, by what they are."""

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import psutil

# What a command line tells of a process; the first that it contains counts.
_NAMES = (
    ("nats-server", "broker"),
    ("nx-27017", "store"),
    ("mongod", "store"),
    ("-m gateway", "gateway"),
    ("-m workers", "worker front end"),
    ("-m analytics", "consumers"),
    ("-m compose", "supervisor"),
    ("vllm.entrypoints", "API server"),
    ("litellm", "proxy"),
    ("-m tests.bench.engine", "engine front end"),
)
ENGINE = "engine"
# Of a core: with more than that used by others, a measurement says little.
NOISE = 0.1


def cpu_seconds(root_pids: Sequence[int]) -> dict[str, float]:
    """Return the CPU seconds of processes and their descendants; those that have ended not."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for process in _families(root_pids):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds[_name(process)] += times.user + times.system
    return seconds


def resident_bytes(root_pids: Sequence[int], name: str) -> int:
    """Return the memory that the processes of one kind hold of their own."""
    return sum(one.memory_full_info().uss for one in _families(root_pids) if _name(one) == name)


class Used(NamedTuple):
    """CPU seconds of a process, and of those of its children that have ended."""

    own: float
    ended_children: float


_NOTHING = Used(0.0, 0.0)


def others_used(root_pids: Sequence[int]) -> dict[int, Used]:
    """Return what every process has used but this one and those of these families."""
    mine = {os.getpid(), *(process.pid for process in _families(root_pids))}
    used: dict[int, Used] = {}
    for process in psutil.process_iter(["pid"]):
        if process.pid in mine:
            continue
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            ended = times.children_user + times.children_system
            used[process.pid] = Used(times.user + times.system, ended)
    return used


def taken_between(before: dict[int, Used], after: dict[int, Used]) -> float:
    """Return the CPU seconds that others took, also those that began and ended in between.

    What a process took is its parent's once it has ended, so what it had taken before is left out
    of that. Nothing is known of one whose parent ended as well, or never asked.
    """
    own = ended = 0.0
    for pid, now in after.items():
        then = before.get(pid, _NOTHING)
        own += max(0.0, now.own - then.own)
        ended += max(0.0, now.ended_children - then.ended_children)
    earlier = sum(sum(used) for pid, used in before.items() if pid not in after)
    return own + max(0.0, ended - earlier)


def _families(pids: Sequence[int]) -> list[psutil.Process]:
    return [process for pid in pids for process in _family(pid)]


def _family(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _name(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    # vLLM names the processes of its engine by their titles.
    if "VLLM::" in line:
        return ENGINE
    for part, name in _NAMES:
        if part in line:
            return name
    return "other"
