"""Run a stack on this machine: ``python -m compose up | down | worker | consumer | demo``."""

import argparse
import os
import sys
from pathlib import Path

from compose.data_dir import DataDir
from compose.demo import demo
from compose.down import down
from compose.errors import ComposeError
from compose.one_more import CONSUMERS, WORKER, run_one_more
from compose.procfile import DEFAULT_PROCFILE
from compose.up import INTERRUPTED, up
from schemas.settings import SettingsError
from schemas.streams import ARCHIVE_CONSUMER, HISTORY_CONSUMER, TITLES_CONSUMER, USAGE_CONSUMER

_CONSUMERS = (HISTORY_CONSUMER, USAGE_CONSUMER, TITLES_CONSUMER, ARCHIVE_CONSUMER)


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m compose", description=__doc__)
    commands = {
        "up": "start the stack and keep it running until Ctrl-C",
        "down": "stop the stack of $RIVULET_DATA_DIR",
        "worker": "run one more worker for the stack of $RIVULET_DATA_DIR",
        "consumer": "run one more process of its consumers, or of the one that is named",
        "demo": "kill a worker in mid-sentence and watch the answer go on",
    }
    parser.add_argument(
        "command", choices=commands, help="; ".join(map(": ".join, commands.items()))
    )
    parser.add_argument("consumer", nargs="?", choices=_CONSUMERS, help="which: all by default")
    parser.add_argument("--procfile", type=Path, default=DEFAULT_PROCFILE, help="what to run")
    arguments = parser.parse_args()
    if arguments.consumer and arguments.command != "consumer":
        parser.error(f"{arguments.command} takes no consumer")
    data_dir = DataDir.of(os.environ)
    try:
        if arguments.command == "up":
            return up(data_dir, arguments.procfile)
        if arguments.command == "down":
            down(data_dir)
        elif arguments.command == "demo":
            demo()
        elif arguments.command == "consumer":
            named = [arguments.consumer] if arguments.consumer else []
            return run_one_more(data_dir, arguments.procfile, CONSUMERS, named)
        else:
            return run_one_more(data_dir, arguments.procfile, WORKER)
    except (ComposeError, SettingsError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        # Before anything was started, or while waiting for another process to stop.
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
