"""Run the consumers: ``python -m analytics [history|usage|titles|archive]``, or a command.

``python -m analytics asyncapi`` prints the AsyncAPI document and needs neither broker nor store.
The other commands are replay, compare, promote, discard, tail, replay-reply, quarantine and
archive-erase: see docs/analytics.md, and ``--help`` of each.
"""

import importlib
import sys

from analytics.commands import COMMANDS, command
from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings


def main() -> None:
    """Do what the command line names; exits with a sentence when a setting is wrong."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in COMMANDS:
        sys.exit(_run_command(arguments[0], arguments[1:]))
    # Not imported above: FastStream takes a second to load, which no command needs.
    importlib.import_module("analytics.consumers").run_consumers(arguments, __doc__)


def _run_command(name: str, arguments: list[str]) -> int:
    try:
        settings = read_settings()
        # What a command has to say is on stdout; of the rest only what went wrong.
        configure_logs(name, "error")
        return command(name)(arguments, settings)
    except SettingsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
