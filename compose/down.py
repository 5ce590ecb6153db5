"""Stop the stack of a data dir from another terminal."""

import os
import signal
import time

from compose.data_dir import DataDir
from compose.errors import StopFailed

# Longer than the graces of all processes of a stack together, unless they were set higher.
_TIMEOUT_S = 180.0
_POLL_S = 0.1


def down(data_dir: DataDir) -> None:
    """Ask the supervisor to stop and wait until it has; fine when none runs."""
    holder = data_dir.holder()
    if holder is None:
        print(f"No stack runs in {data_dir.given}.")
        return
    print(f"Stopping the stack in {data_dir.given} (process {holder}) ...", flush=True)
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _TIMEOUT_S
    while data_dir.holder() is not None:
        if time.monotonic() > deadline:
            raise StopFailed(f"Process {holder} has not stopped after {_TIMEOUT_S:g} s.")
        time.sleep(_POLL_S)
    print("Stopped.")
