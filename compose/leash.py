"""Run a command that is told to stop when its supervisor is gone, even killed with -9.

``python -I -S leash.py SUPERVISOR_PID COMMAND...`` asks the kernel to send this process SIGTERM
when its parent dies, then becomes the command; the request survives exec. A program of its own,
because running Python code between fork and exec in the supervisor could deadlock it.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str]) -> list[str]:
    """Return the command that is told to stop when this process is gone."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    """Put the leash on and become the command."""
    supervisor, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # It may have died before the request was made.
        if os.getppid() != supervisor:
            sys.exit("the supervisor is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 (the command is the Procfile's)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
