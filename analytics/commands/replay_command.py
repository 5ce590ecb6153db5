"""``python -m analytics replay``: rebuild a projection beside the live one."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from analytics.commands.rebuilds import DEFAULT_NAME, REBUILDS, ready
from analytics.commands.running import run, say
from analytics.errors import CommandFailed
from analytics.replay.past_events import PastEvents
from analytics.replay.replay_store import ReplayState
from analytics.replay.replaying import Replay
from schemas.heap import settle_heap
from schemas.settings import Settings

_BEGINNING = "beginning"


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status."""
    asked = _parser().parse_args(arguments)
    settle_heap()
    return run(lambda: _replay(asked, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analytics replay",
        description="Rebuild a projection from the log and the archive, beside the live one. "
        "Repeat the command to go on with one that was stopped, or to catch up.",
    )
    parser.add_argument("--projection", choices=REBUILDS, required=True)
    parser.add_argument(
        "--since",
        default=_BEGINNING,
        help="a part: a date or time (UTC unless it says otherwise), or a sequence of the log",
    )
    parser.add_argument("--into", metavar="NAME", default=DEFAULT_NAME, help="[%(default)s]")
    return parser


async def _replay(asked: argparse.Namespace, settings: Settings) -> int:
    async with ready(settings, asked.projection, asked.into) as (_, store, past, rebuild, states):
        since = await _sequence_of(asked.since, past)
        with _progress() as bar:
            task = bar.add_task(asked.projection, total=None)

            def show(position: int, last: int) -> None:
                bar.update(task, completed=position, total=last)

            replay = Replay(rebuild, past, states, store, show)
            state = await replay.begin(since)
            before = state.events
            show(state.position, past.state.last)
            state = await replay.catch_up(state)
    _report(asked, state, before)
    return 0


def _report(asked: argparse.Namespace, state: ReplayState, before: int) -> None:
    kind = f"a part, from sequence {state.since} on" if state.part else "the whole"
    say(
        f"{asked.projection} is rebuilt into {asked.into}: {kind}, up to sequence "
        f"{state.position}; {state.events - before} events read now, {state.events} in all"
    )
    if state.unreadable:
        say(
            f"{state.unreadable} events could not be read, the first is {state.first_unreadable}: "
            "`python -m analytics quarantine list` shows what the live projection did not take"
        )
    say(f"python -m analytics compare --projection {asked.projection} --with {asked.into}")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


async def _sequence_of(since: str, past: PastEvents) -> int | None:
    """Return the first sequence of a part, ``None`` for the whole."""
    if since == _BEGINNING:
        return None
    first = await _first_since(since, past)
    if first > past.state.last:
        raise CommandFailed(
            f"Nothing has come since {since}: the log ends at sequence {past.state.last}."
        )
    return first


async def _first_since(since: str, past: PastEvents) -> int:
    if since.isdecimal() and int(since) > 0:
        return int(since)
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise CommandFailed(
            f"--since {since!r} is no time: write 2026-11-20, 2026-11-20T08:00, or a sequence "
            "of the log"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Times that its nanoseconds do not reach are taken for the beginning by the broker.
    if moment > datetime.now(UTC):
        return past.state.last + 1
    return await past.first_since(round(moment.timestamp() * 1000))
