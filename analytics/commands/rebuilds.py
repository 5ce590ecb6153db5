"""The projections that can be rebuilt, by name, and what a command needs to do so."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from nats.aio.client import Client

from analytics.commands.running import broker_of
from analytics.errors import CommandFailed
from analytics.replay.archived_events import ArchivedEvents
from analytics.replay.history_rebuild import HistoryRebuild
from analytics.replay.past_events import PastEvents
from analytics.replay.rebuild import Rebuild
from analytics.replay.replay_store import MongoReplayStore, ReplayState
from analytics.replay.usage_rebuild import UsageRebuild
from analytics.store_client import COMMAND_WAITS_MS, Store, open_store
from schemas.settings import Settings
from schemas.streams import DAY_S, HISTORY_CONSUMER, USAGE_CONSUMER

DEFAULT_NAME = "rebuild"


def _history(store: Store, name: str, settings: Settings) -> Rebuild:
    days = settings.get("RETENTION_DAYS")
    now_s = time.time()
    return HistoryRebuild(
        store, name, None if days is None else round((now_s - days * DAY_S) * 1000)
    )


def _usage(store: Store, name: str, _: Settings) -> Rebuild:
    return UsageRebuild(store, name)


# Each is named as its live consumer.
REBUILDS: dict[str, Callable[[Store, str, Settings], Rebuild]] = {
    HISTORY_CONSUMER: _history,
    USAGE_CONSUMER: _usage,
}


class Ready(NamedTuple):
    """What a command works with."""

    broker: Client
    store: Store
    past: PastEvents
    rebuild: Rebuild
    states: MongoReplayStore


@asynccontextmanager
async def ready(settings: Settings, projection: str, name: str) -> AsyncIterator[Ready]:
    """Open everything that a rebuild needs."""
    folder = settings.get("ARCHIVE_DIR")
    archive = ArchivedEvents(folder) if folder is not None and folder.is_dir() else None
    async with (
        broker_of(settings, "replay") as broker,
        open_store(settings.require("MONGO_URL"), COMMAND_WAITS_MS) as store,
    ):
        past = await PastEvents.open(broker, archive, folder)
        rebuild = REBUILDS[projection](store, name, settings)
        databases = tuple(dict.fromkeys(pair.rebuilt.database.name for pair in rebuild.collections))
        states = MongoReplayStore(store, databases, projection, rebuild.session_id)
        yield Ready(broker, store, past, rebuild, states)


async def finished(states: MongoReplayStore, projection: str, name: str) -> ReplayState:
    """Return the state of a rebuild that has come to its end once; raises ``CommandFailed``."""
    state = await states.load()
    if state is None or not state.finished:
        raise CommandFailed(
            f"There is no finished rebuild of {projection} with the name {name}: "
            f"python -m analytics replay --projection {projection} --into {name}"
        )
    return state
