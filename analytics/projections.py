"""The consumers by name: which durable each reads, and what it writes to."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from faststream.nats import NatsBroker
from nats.js.api import ConsumerConfig
from prometheus_client import CollectorRegistry

from analytics.erasure import Erasure
from analytics.erasure_store import MongoErasureStore
from analytics.history_consumer import register_history
from analytics.history_store import MongoHistoryStore
from analytics.log_eraser import BrokerLogEraser
from analytics.metrics import ArchiveMetrics, RollupCounters
from analytics.stale_rollups import StaleRollups
from analytics.store_client import Store
from analytics.title_consumer import register_titles
from analytics.title_publisher import BrokerTitleLog
from analytics.title_store import MongoTitleStore
from analytics.titling import Titling
from analytics.usage_consumer import register_usage
from analytics.usage_rollup_store import MongoRollupStore
from analytics.usage_rollups import UsageRollups
from analytics.usage_store import MongoUsageStore
from schemas.streams import (
    ARCHIVE_CONSUMER,
    HISTORY_CONSUMER,
    TITLES_CONSUMER,
    USAGE_CONSUMER,
    archive_consumer,
    history_consumer,
    titles_consumer,
    usage_consumer,
)


class Preparable(Protocol):
    """A store that must be prepared before its first write."""

    async def prepare(self) -> None:
        """Make what the store needs; may be called again and again."""


class Projection(NamedTuple):
    """A consumer whose handler is registered, its stores, and what it does beside its events."""

    consumer: ConsumerConfig
    stores: tuple[Preparable, ...]
    beside: tuple[Callable[[asyncio.Event], Coroutine[Any, Any, None]], ...] = ()


class Ground(NamedTuple):
    """What the projections of one process stand on; ``secret`` binds reply ids to their owners.

    The archive is written to ``archive_dir``, each event within ``archive_every_s``. Metrics of
    what is done beside the events go to ``registry``, if there is one.
    """

    broker: NatsBroker
    store: Store
    secret: bytes
    archive_dir: Path = Path("archive")
    archive_every_s: float = 300.0
    registry: CollectorRegistry | None = None


def _history(ground: Ground) -> Projection:
    broker, store = ground.broker, ground.store
    history, erasures = MongoHistoryStore(store), MongoErasureStore(store)
    erasure = Erasure(erasures, BrokerLogEraser(broker.connect))
    register_history(broker, history, erasure)
    return Projection(history_consumer(), (history, erasures), (erasure.run,))


def _usage(ground: Ground) -> Projection:
    usage, rollups = MongoUsageStore(ground.store), MongoRollupStore(ground.store)
    register_usage(ground.broker, usage)
    counters = RollupCounters(ground.registry)
    sweeping = UsageRollups(
        StaleRollups(ground.store), rollups, usage.adopt_earlier, counters.failed
    )
    return Projection(usage_consumer(), (usage, rollups), (sweeping.run,))


def _titles(ground: Ground) -> Projection:
    broker, store, secret = ground.broker, ground.store, ground.secret
    titles, erasures = MongoTitleStore(store), MongoErasureStore(store)
    register_titles(broker, Titling(titles, erasures, BrokerTitleLog(broker.connect), secret))
    return Projection(titles_consumer(), (titles, erasures))


def _archive(ground: Ground) -> Projection:
    # Here, because it brings pyarrow: 40 MB and a third of a second that the others need not pay.
    from analytics.archive.archive_consumer import Archiver  # noqa: PLC0415
    from analytics.archive.folder import ArchiveFolder  # noqa: PLC0415

    folder = ArchiveFolder(ground.archive_dir)
    metrics = ArchiveMetrics(ground.registry, ground.archive_every_s)
    archiver = Archiver(ground.broker.connect, folder, ground.archive_every_s, metrics)
    return Projection(archive_consumer(), (), (archiver.run,))


PROJECTIONS: dict[str, Callable[[Ground], Projection]] = {
    HISTORY_CONSUMER: _history,
    USAGE_CONSUMER: _usage,
    TITLES_CONSUMER: _titles,
    ARCHIVE_CONSUMER: _archive,
}
