"""Run a stack on this machine: ``python -m compose up | down | worker | demo``."""

import argparse
import os
import sys
from pathlib import Path

from compose.data_dir import DataDir
from compose.demo import demo
from compose.down import down
from compose.errors import ComposeError
from compose.procfile import DEFAULT_PROCFILE
from compose.up import INTERRUPTED, up
from compose.worker import become_worker
from schemas.settings import SettingsError


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m compose", description=__doc__)
    commands = {
        "up": "start the stack and keep it running until Ctrl-C",
        "down": "stop the stack of $RIVULET_DATA_DIR",
        "worker": "run one more worker for the stack of $RIVULET_DATA_DIR",
        "demo": "kill a worker in mid-sentence and watch the answer go on",
    }
    parser.add_argument(
        "command", choices=commands, help="; ".join(map(": ".join, commands.items()))
    )
    parser.add_argument("--procfile", type=Path, default=DEFAULT_PROCFILE, help="what to run")
    arguments = parser.parse_args()
    data_dir = DataDir.of(os.environ)
    try:
        if arguments.command == "up":
            return up(data_dir, arguments.procfile)
        if arguments.command == "down":
            down(data_dir)
        elif arguments.command == "demo":
            demo()
        else:
            become_worker(data_dir, arguments.procfile)
    except (ComposeError, SettingsError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        # Before anything was started, or while waiting for another process to stop.
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
