"""``python -m analytics compare``: tell whether a rebuilt projection is the live one."""

import argparse
from collections.abc import Sequence

from analytics.commands.rebuilds import DEFAULT_NAME, REBUILDS, finished, ready
from analytics.commands.running import run, say
from analytics.replay.comparing import Difference
from analytics.replay.comparison import Comparison, compare
from analytics.replay.replaying import Replay
from schemas.settings import Settings

_SHOWN = 10


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command; 0 when all documents are equal, 1 with the first differences otherwise."""
    asked = _parser().parse_args(arguments)
    return run(lambda: _compare(asked, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analytics compare",
        description="Compare a rebuilt projection with the live one, document by document.",
    )
    parser.add_argument("--projection", choices=REBUILDS, required=True)
    parser.add_argument("--with", metavar="NAME", dest="name", default=DEFAULT_NAME)
    parser.add_argument(
        "--values", action="store_true", help="show what differs, which may be what people wrote"
    )
    return parser


async def _compare(asked: argparse.Namespace, settings: Settings) -> int:
    opened = ready(settings, asked.projection, asked.name)
    async with opened as (broker, store, past, rebuild, states):
        state = await finished(states, asked.projection, asked.name)
        replay = Replay(rebuild, past, states, store)
        found, state = await compare(replay, rebuild, state, broker, asked.projection)
    _show(found, values=asked.values)
    if state.part:
        say(f"a part, from sequence {state.since} on: what only the live one has is not counted")
    return 0 if found.equal else 1


def _show(found: Comparison, *, values: bool) -> None:
    for name, counts in found.counts.items():
        say(f"{name}: " + ", ".join(f"{n} {what}" for what, n in counts._asdict().items()))
    for difference in found.differences[:_SHOWN]:
        say(f"  {difference.collection} {difference.key}: {_told(difference)}")
        if values and difference.live is not None and difference.rebuilt is not None:
            for field in difference.fields:
                live, rebuilt = difference.live.get(field), difference.rebuilt.get(field)
                say(f"    {field}: live {live!r}, rebuilt {rebuilt!r}")
    if len(found.differences) > _SHOWN:
        say("  ...")


def _told(difference: Difference) -> str:
    if difference.rebuilt is None:
        return "only in the live projection"
    if difference.live is None:
        return "only in the rebuilt one"
    return "differs in " + ", ".join(difference.fields)
