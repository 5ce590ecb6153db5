"""Wait for what a supervisor prints and for processes to end."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.stack_process import StackProcess

DEADLINE_S = 30.0
_POLL_S = 0.02


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Poll until the condition holds; fails naming ``what`` after the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(_POLL_S)


def wait_for_output(stack: StackProcess, text: str) -> None:
    """Wait until the stack has printed ``text``."""
    deadline = time.monotonic() + DEADLINE_S
    while text not in stack.output():
        assert time.monotonic() < deadline, f"waited in vain for {text!r} in\n{stack.output()}"
        time.sleep(_POLL_S)


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return every process that was started for this data dir, the supervisor included."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("RIVULET_DATA_DIR") == str(data_dir)
            if ours and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found
