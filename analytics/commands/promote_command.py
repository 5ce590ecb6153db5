"""``python -m analytics promote``: put a rebuilt projection in the place of the live one."""

import argparse
from collections.abc import Sequence

from analytics.commands.rebuilds import DEFAULT_NAME, REBUILDS, finished, ready
from analytics.commands.running import run, say
from analytics.replay.promoting import promote
from analytics.replay.replaying import Replay
from schemas.settings import Settings


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status."""
    asked = _parser().parse_args(arguments)
    return run(lambda: _promote(asked, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analytics promote",
        description="Put the documents of a rebuilt projection in the place of the live ones, "
        "while the live consumer is paused. Repeat the command if it was interrupted.",
    )
    parser.add_argument("--projection", choices=REBUILDS, required=True)
    parser.add_argument("--with", metavar="NAME", dest="name", default=DEFAULT_NAME)
    parser.add_argument(
        "--remove",
        action="store_true",
        help="also take away live documents that the rebuild has no events of (see `compare`)",
    )
    parser.add_argument("--keep", action="store_true", help="leave the rebuild where it is")
    return parser


async def _promote(asked: argparse.Namespace, settings: Settings) -> int:
    opened = ready(settings, asked.projection, asked.name)
    async with opened as (broker, store, past, rebuild, states):
        state = await finished(states, asked.projection, asked.name)
        replay = Replay(rebuild, past, states, store)
        changed = await promote(
            replay, rebuild, state, past, store, broker, asked.projection, remove=asked.remove
        )
        for name, counts in changed.items():
            added, replaced = counts.only_rebuilt, counts.different
            kept = next(pair.keeps for pair in rebuild.collections if pair.name == name)
            gone = f"{counts.only_live} {'kept' if kept else 'removed'}"
            say(f"{name}: {counts.equal} equal, {replaced} replaced, {added} added, {gone}")
        if not asked.keep:
            await states.drop()
    return 0
