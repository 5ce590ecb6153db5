"""Run one process in this terminal, and stop it with everything that it has started."""

import signal
import subprocess
from collections.abc import Mapping, Sequence

from compose.child import kill_group
from compose.leash import leashed

# What a shell adds to the number of the signal that ended a program.
_ENDED_BY_SIGNAL = 128


def run_in_foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end; a signal that asks us to stop asks it. Return its exit code."""
    process = subprocess.Popen(
        leashed(command),
        env=environment,
        stdin=subprocess.DEVNULL,
        # As the supervisor's children have one: see compose/child.py.
        process_group=0,
    )
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: process.terminate())
        code = process.wait()
    finally:
        # What the process has started must not outlive it: an engine core would keep the GPU.
        kill_group(process.pid)
    return code if code >= 0 else _ENDED_BY_SIGNAL - code
