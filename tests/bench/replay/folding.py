"""Time how events become documents: without a store, and with the embedded one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics.replay.archived_events import ArchivedEvents
from analytics.replay.erased import Erased
from analytics.replay.history_rebuild import HistoryFold, HistoryRebuild
from analytics.replay.past_events import PastEvents
from analytics.replay.replay_store import MongoReplayStore
from analytics.replay.replaying import Replay, fold_batch
from analytics.replay.usage_rebuild import UsageFold, UsageRebuild
from analytics.store_client import open_store
from schemas.broker import connect, disconnect
from schemas.documents import CHAT_DATABASE
from tests.bench.replay.rates import Rate, Stopwatch

_REMEMBERED = 4_000


class MemoryFolding:
    """Documents in memory; when there are many, all are forgotten, as if they were written."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.made = 0

    def change(self, key: str, change: Callable[[Any], Any]) -> None:
        self.documents[key] = change(self.documents.get(key))
        if len(self.documents) > _REMEMBERED:
            self.made += len(self.documents)
            self.documents.clear()


class _Folding:
    """A rebuild without a store."""

    def __init__(self, projection: str) -> None:
        wanted = HistoryRebuild if projection == "history" else UsageRebuild
        self.subject, self.kinds = wanted.subject, wanted.kinds
        self.fold = (
            HistoryFold(MemoryFolding(), MemoryFolding()).fold
            if projection == "history"
            else UsageFold(MemoryFolding()).fold
        )


async def raw_rate(nats_url: str) -> Rate:
    """Return how many events a second are read when nothing is done with them."""
    broker = await connect(nats_url, "bench")
    past = await PastEvents.open(broker, None, None)
    watch, events = Stopwatch(), 0
    async for batch in past.events("chat.>", (), 1, past.state.last):
        events += len(batch)
    rate = watch.rate(events)
    await disconnect(broker)
    return rate


async def fold_rate(nats_url: str, projection: str, archive: Path | None = None) -> Rate:
    """Return events of the log a second, from log (or archive) to folded documents.

    Also those count that the projection does not ask for: of turns the usage reads the ends only.
    """
    broker = await connect(nats_url, "bench")
    past = await PastEvents.open(broker, ArchivedEvents(archive) if archive else None, archive)
    rebuild: Any = _Folding(projection)
    erased = Erased()
    watch = Stopwatch()
    async for batch in past.events(rebuild.subject, rebuild.kinds, 1, past.state.last):
        _, unreadable = fold_batch(batch, rebuild, erased)
        assert not unreadable
    rate = watch.rate(past.state.last)
    await disconnect(broker)
    return rate


async def rebuild_rate(nats_url: str, store_url: str, events: int) -> Rate:
    """Return events a second from the log into the store."""
    broker = await connect(nats_url, "bench")
    async with open_store(store_url) as store:
        past = await PastEvents.open(broker, None, None)
        last = min(events, past.state.last)
        rebuild = HistoryRebuild(store, "bench", None)
        databases = (f"{CHAT_DATABASE}_replay_bench",)
        states = MongoReplayStore(store, databases, "history", rebuild.session_id)
        replay = Replay(rebuild, past, states, store)
        state = await replay.begin(None)
        watch = Stopwatch()
        await replay.fold_to(state, last)
        rate = watch.rate(last)
    await disconnect(broker)
    return rate


async def store_rate(store_url: str) -> Rate:
    """Return how many documents like messages a second the store takes in bulk."""
    rows = [
        {"_id": f"{n:026d}", "user_id": "u", "content": "w " * 100, "search": "w " * 100}
        for n in range(5_000)
    ]
    async with open_store(store_url) as store:
        watch = Stopwatch()
        for start in range(0, len(rows), 1_000):
            await store["rivulet_bench"]["rows"].insert_many(rows[start : start + 1_000])
        return watch.rate(len(rows))
