"""Run the consumers that the command line names, or print what the log carries."""

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence

import uvloop

from analytics.app import Analytics
from analytics.asyncapi import asyncapi_document
from analytics.commands import COMMANDS
from analytics.projections import PROJECTIONS
from analytics.settings import Settings
from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings
from schemas.streams import ARCHIVE_CONSUMER, TITLES_CONSUMER

_DOCUMENT = "asyncapi"
_AS_IT_IS = argparse.RawDescriptionHelpFormatter


def run_consumers(arguments: Sequence[str], description: str | None) -> None:
    """Run what the arguments name; exits with a sentence when a setting is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics", description=description, formatter_class=_AS_IT_IS
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=[*PROJECTIONS, _DOCUMENT],
        metavar="{" + ",".join([*PROJECTIONS, _DOCUMENT, *COMMANDS]) + "}",
        help="a consumer or a command; default: all consumers",
    )
    what = parser.parse_args(arguments).what
    if what == _DOCUMENT:
        sys.stdout.write(asyncapi_document(_version()) + "\n")
        return
    try:
        read = read_settings()
        settings = Settings.of(read)
        if what == ARCHIVE_CONSUMER:
            read.require("ARCHIVE_DIR")
        configure_logs("analytics", settings.log_level)
        uvloop.run(_run(settings, [what] if what else _wanted(settings)))
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
