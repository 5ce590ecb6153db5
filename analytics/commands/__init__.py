"""What ``python -m analytics COMMAND`` does beside running the consumers."""

import importlib
from collections.abc import Callable, Sequence
from typing import cast

from schemas.settings import Settings

Command = Callable[[Sequence[str], Settings], int]

# By name and not imported: pyarrow and rich cost the consumers 40 MB and half a second.
COMMANDS = {
    "replay": "replay_command",
    "compare": "compare_command",
    "promote": "promote_command",
    "discard": "discard_command",
    "tail": "tail_command",
    "replay-reply": "replay_reply_command",
    "quarantine": "quarantine_command",
    "archive-erase": "archive_erase_command",
}


def command(name: str) -> Command:
    """Return a command: it takes its arguments and the settings, and returns its exit status."""
    module = importlib.import_module(f"analytics.commands.{COMMANDS[name]}")
    return cast("Command", module.run_command)
