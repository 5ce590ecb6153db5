"""Build the consumers from their settings: the one place where the parts meet."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from faststream import FastStream
from faststream.nats import NatsBroker
from prometheus_client import CollectorRegistry

from analytics.aged_store import MongoAgedStore
from analytics.declaration import declare, keep_declared
from analytics.errors import StoreRefused, StoreUnavailable
from analytics.event_batches import EventBatches
from analytics.event_delivery import EventDelivery
from analytics.event_pull import EventJetStream, use_event_pulls
from analytics.event_traces import event_traces
from analytics.log_eraser import BrokerLogEraser
from analytics.metrics import (
    ConsumerGauges,
    EventCounters,
    message_metrics,
)
from analytics.projections import PROJECTIONS, Ground, Preparable
from analytics.quarantine_store import MongoQuarantineStore
from analytics.retention import Retention
from analytics.settings import Settings
from analytics.store_client import open_store
from analytics.store_health import StoreHealth
from schemas.broker import PENDING_BYTES, RECONNECT_WAIT_S
from schemas.metrics_endpoint import served_if_free
from schemas.secret import instance_secret
from schemas.streams import HISTORY_CONSUMER, TITLES_CONSUMER
from schemas.tracing import configure_traces, end_traces

# Twice the first, the second and half a second to close the pulls are well within the 15 s and more
# that a supervisor waits before it kills; only a broker that is stuck takes 10 s besides.
_GRACE_S = 1.5
_DRAIN_TIMEOUT_S = 1
_POLL_S = 0.01
_PREPARE_RETRY_S = 0.5

log = structlog.get_logger(__name__)


class Analytics:
    """The consumers of one process and what they share."""

    def __init__(self, settings: Settings, names: Sequence[str]) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._health = StoreHealth()
        self._registry = CollectorRegistry()
        self._store = open_store(settings.mongo_url)
        self._background = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._jetstream: EventJetStream | None = None
        configure_traces("analytics", settings.traces)
        quarantine = MongoQuarantineStore(self._store)
        counters = EventCounters(self._registry)
        delivery = EventDelivery(self._stopping, self._health, counters, quarantine)
        delivery.expect(names)
        self._batches = EventBatches(delivery, event_traces())
        self._broker = _build_broker(
            settings.nats_url, message_metrics(self._registry), self._batches
        )
        self._keeps_history = HISTORY_CONSUMER in names
        # Only who makes reply ids needs it; a data dir may not be there for others.
        asks = TITLES_CONSUMER in names
        secret = instance_secret(settings.secret, settings.data_dir) if asks else b""
        ground = Ground(
            self._broker,
            self._store,
            secret,
            # Only looked at by the archive, which does not run without one.
            settings.archive_dir or settings.data_dir / "archive",
            settings.archive_every_s,
            self._registry,
        )
        projections = [PROJECTIONS[name](ground) for name in names]
        self._stores = [store for projection in projections for store in projection.stores]
        if self._stores:
            self._stores.append(quarantine)
        self._consumers = [projection.consumer for projection in projections]
        self._beside = [work for projection in projections for work in projection.beside]

    def build(self) -> FastStream:
        """Return the application; its ``run`` ends on SIGINT and SIGTERM."""
        return FastStream(
            self._broker,
            logger=None,
            lifespan=self._lifespan,
            on_startup=[self._prepare],
            after_startup=[self._started],
            on_shutdown=[self._stop],
        )

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        port = self._settings.metrics_port
        with served_if_free(self._registry, port, "RIVULET_ANALYTICS_METRICS_PORT"):
            async with self._store, self._background:
                yield
                log.info("consumers_stopped")
        end_traces()

    async def _prepare(self) -> None:
        """Make everything that the consumers stand on, waiting for whoever is not up yet."""
        log.info("consumers_starting")
        connection = await self._broker.connect()
        self._jetstream = use_event_pulls(self._broker, connection)
        await declare(connection, self._settings, self._consumers)
        for store in self._stores:
            await _prepare_until_done(store, self._health)

    async def _started(self) -> None:
        connection = await self._broker.connect()
        gauges = ConsumerGauges(self._registry)
        work = [keep_declared(connection, self._settings, self._consumers, gauges.seen)]
        work += [beside(self._stopping) for beside in self._beside]
        if self._keeps_history and self._settings.retention_days is not None:
            work.append(self._retention(self._settings.retention_days).run(self._stopping))
        self._tasks = [self._background.create_task(one) for one in work]
        names = [consumer.durable_name for consumer in self._consumers]
        log.info("consumers_started", consumers=names)

    def _retention(self, days: float) -> Retention:
        connect = self._broker.connect
        return Retention(MongoAgedStore(self._store), BrokerLogEraser(connect), connect, days)

    async def _stop(self) -> None:
        # Events that wait go back to the broker, and those in hand are handled: FastStream waits
        # for no other than have begun. Then it drains the connection.
        log.info("consumers_stopping")
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        if self._jetstream is not None:
            await self._jetstream.close_pulls()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_S):
                    while self._batches.handled < self._jetstream.fetched:  # noqa: ASYNC110 - many
                        await asyncio.sleep(_POLL_S)


async def _prepare_until_done(store: Preparable, health: StoreHealth) -> None:
    while True:
        try:
            await store.prepare()
        except (StoreUnavailable, StoreRefused) as error:
            health.unavailable(error)
            await asyncio.sleep(_PREPARE_RETRY_S)
        else:
            health.available()
            return


def _build_broker(url: str, *middlewares: Any) -> NatsBroker:
    logger = logging.getLogger("faststream")
    # FastStream logs two lines a batch below this.
    logger.setLevel(logging.WARNING)
    return NatsBroker(
        url,
        name="rivulet-analytics",
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # passed on as it is
        pending_size=PENDING_BYTES,
        drain_timeout=_DRAIN_TIMEOUT_S,
        graceful_timeout=_GRACE_S,
        middlewares=middlewares,
        # Handlers take the event alone, as it was decoded: there is nothing to inject or convert.
        apply_types=False,
        logger=logger,
    )
