"""Run the consumers: ``python -m analytics [history|usage|titles|archive]``, or a command.

``python -m analytics asyncapi`` prints the AsyncAPI document and needs neither broker nor store.
The other commands are replay, compare, promote, discard, tail, replay-reply and quarantine: see
docs/analytics.md, and ``--help`` of each.
"""

import argparse
import importlib.metadata
import sys

import uvloop

from analytics.app import Analytics
from analytics.asyncapi import asyncapi_document
from analytics.commands import COMMANDS, command
from analytics.errors import MetricsPortTaken
from analytics.projections import PROJECTIONS
from analytics.settings import Settings
from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings
from schemas.streams import ARCHIVE_CONSUMER, TITLES_CONSUMER

_DOCUMENT = "asyncapi"


def main() -> None:
    """Run what the command line names; exits with a sentence when a setting is wrong."""
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        sys.exit(_command(sys.argv[1], sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="python -m analytics", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=[*PROJECTIONS, _DOCUMENT], help="default: all consumers"
    )
    what = parser.parse_args().what
    if what == _DOCUMENT:
        print(asyncapi_document(_version()))
        return
    try:
        read = read_settings()
        settings = Settings.of(read)
        if what == ARCHIVE_CONSUMER:
            read.require("ARCHIVE_DIR")
        configure_logs("analytics", settings.log_level)
        uvloop.run(_run(settings, [what] if what else _wanted(settings)))
    except (SettingsError, MetricsPortTaken) as error:
        sys.exit(str(error))


def _command(name: str, arguments: list[str]) -> int:
    try:
        settings = read_settings()
        # What a command has to say is on stdout; of the rest only what went wrong.
        configure_logs(name, "error")
        return command(name)(arguments, settings)
    except SettingsError as error:
        sys.exit(str(error))


async def _run(settings: Settings, names: list[str]) -> None:
    await Analytics(settings, names).build().run()


def _wanted(settings: Settings) -> list[str]:
    """Return what runs by default."""
    unwanted = set()
    if not settings.titles:
        unwanted.add(TITLES_CONSUMER)
    if settings.archive_dir is None:
        unwanted.add(ARCHIVE_CONSUMER)
    return [name for name in PROJECTIONS if name not in unwanted]


def _version() -> str:
    try:
        return importlib.metadata.version("rivulet")
    except importlib.metadata.PackageNotFoundError:
        return "0"


if __name__ == "__main__":
    main()
