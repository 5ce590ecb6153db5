"""What the process of a bench needs before it starts others."""

import resource
import signal
import sys


def prepare() -> None:
    """End what is started however this process is stopped; let every stream have its socket."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
