"""Pause a process for a while, as a machine that is suspended pauses all of its own."""

import os
import signal


def pause(pid: int) -> None:
    """Stop a child process, and return once it stands still: the signal alone takes a moment."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
