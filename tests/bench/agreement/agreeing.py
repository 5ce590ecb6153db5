"""Rebuild both projections from the log and from the archive, and compare them with the live."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from analytics.store_client import open_store
from schemas.streams import CHAT
from tests.analytics.archive.events import archived_to, sequences_in
from tests.analytics.consumer_process import eventually, publisher
from tests.analytics.replay.commands import Commands
from tests.analytics.replay.test_replay_commands import erasures_due, settled
from tests.bench.faults.stack import Stack

_SETTLED_WITHIN_S = 180.0
_PROJECTIONS = ("history", "usage")


class Agreement(NamedTuple):
    """One comparison: what ``compare`` printed, and whether it found no difference."""

    source: str
    projection: str
    equal: bool
    said: str


async def until_settled(stack: Stack, archive: Path) -> int:
    """Return the log's last sequence once everything up to it is stored and archived."""
    async with publisher(stack.broker_url) as broker, open_store(stack.store_url) as store:

        async def state() -> list[object]:
            last = (await broker.jetstream().stream_info(CHAT)).state.last_seq
            handled = [await settled(broker, name) for name in _PROJECTIONS]
            return [archived_to(archive) >= last, await erasures_due(store), *handled]

        wanted = [True, 0, *((0, 0) for _ in _PROJECTIONS)]
        try:
            await eventually(state, wanted, deadline_s=_SETTLED_WITHIN_S)
        except AssertionError:
            found = dict(
                zip(("archived", "erasures due", *_PROJECTIONS), await state(), strict=True)
            )
            raise AssertionError(f"not settled in {_SETTLED_WITHIN_S} s: {found}") from None
        last = int((await broker.jetstream().stream_info(CHAT)).state.last_seq)
    archived = sequences_in(archive)
    assert len(archived) == len(set(archived)), "the archive has an event twice"
    return last


async def agreements(stack: Stack, archive: Path) -> list[Agreement]:
    """Compare both projections, rebuilt from either source."""
    urls = {"RIVULET_NATS_URL": stack.broker_url, "RIVULET_MONGO_URL": stack.store_url}
    folders = {"log": "", "archive": str(archive)}
    return [
        await asyncio.to_thread(
            _agreement,
            Commands(stack.folder / "commands", **urls, RIVULET_ARCHIVE_DIR=folder),
            source,
            projection,
        )
        for source, folder in folders.items()
        for projection in _PROJECTIONS
    ]


def _agreement(commands: Commands, source: str, projection: str) -> Agreement:
    replayed = commands.run("replay", "--projection", projection, "--into", source)
    if replayed.status != 0:
        return Agreement(source, projection, False, replayed.output + replayed.errors)
    compared = commands.run("compare", "--projection", projection, "--with", source)
    return Agreement(source, projection, compared.status == 0, compared.output.strip())
