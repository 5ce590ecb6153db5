"""``python -m analytics discard``: remove a rebuild and all its documents."""

import argparse
from collections.abc import Sequence

from analytics.commands.rebuilds import DEFAULT_NAME, REBUILDS, ready
from analytics.commands.running import run, say
from schemas.settings import Settings


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics discard",
        description="Remove a rebuild and all its documents; the live projection stays as it is.",
    )
    parser.add_argument("--projection", choices=REBUILDS, required=True)
    parser.add_argument("--with", metavar="NAME", dest="name", default=DEFAULT_NAME)
    asked = parser.parse_args(arguments)
    return run(lambda: _discard(asked, settings))


async def _discard(asked: argparse.Namespace, settings: Settings) -> int:
    async with ready(settings, asked.projection, asked.name) as opened:
        await opened.states.drop()
    say(f"the rebuild {asked.name} of {asked.projection} is removed")
    return 0
