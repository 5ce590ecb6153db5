"""How much CPU each process of a server has used, by what it is."""

from collections import defaultdict

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


def cpu_seconds(root_pid: int) -> dict[str, float]:
    """Return the CPU seconds of a process and its descendants; those that have ended not."""
    seconds: defaultdict[str, float] = defaultdict(float)
    root = psutil.Process(root_pid)
    for process in [root, *root.children(recursive=True)]:
        try:
            times, name = process.cpu_times(), _name(process)
        except psutil.NoSuchProcess:
            continue
        seconds[name] += times.user + times.system
    return seconds


def others_seconds(ours: set[int]) -> float:
    """Return the CPU seconds that all processes but ours and their descendants have used."""
    mine = {child.pid for pid in ours for child in _family(pid)}
    total = 0.0
    for process in psutil.process_iter(["pid"]):
        if process.pid in mine:
            continue
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _family(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _name(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    # vLLM names its engine's process by its title.
    if "EngineCore" in line or "EngineCore" in process.name():
        return ENGINE
    for part, name in _NAMES:
        if part in line:
            return name
    return "other"
