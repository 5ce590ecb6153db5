"""Watch queues and workers of every known model for ``/metrics``.

Labels are models: there are as many as consumers of workers, which no client can make.
"""

import asyncio

import structlog
from prometheus_client import CollectorRegistry, Gauge

from gateway.errors import BrokerUnavailable
from gateway.model_directory import ModelDirectory
from gateway.queue_depth import QueueDepths
from schemas.direct_get import LogUnavailable

_PERIOD_S = 5.0

log = structlog.get_logger(__name__)


class ModelMetrics:
    """Asks every few seconds; of several processes' answers the highest is told."""

    def __init__(
        self, registry: CollectorRegistry, models: ModelDirectory, depths: QueueDepths
    ) -> None:
        self._models = models
        self._depths = depths
        self._seen: set[str] = set()
        self._queued = Gauge(
            "rivulet_gateway_prompts_waiting",
            "Prompts that wait for a worker's slot",
            ("model",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._workers = Gauge(
            "rivulet_gateway_workers_alive",
            "Workers that were heard in the last seconds and take prompts",
            ("model",),
            multiprocess_mode="livemax",
            registry=registry,
        )

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._look()
            except (BrokerUnavailable, LogUnavailable):
                log.debug("models_not_watched")
            await asyncio.sleep(_PERIOD_S)

    async def _look(self) -> None:
        names = {state.model for state in await self._models.all()}
        for gone in self._seen - names:
            self._queued.labels(gone).set(0)
            self._workers.labels(gone).set(0)
        self._seen = names
        for model in names:
            taking = [beacon for beacon in self._models.workers(model) if not beacon.draining]
            self._workers.labels(model).set(len(taking))
            depth = await self._depths.depth(model, max_age_s=_PERIOD_S)
            self._queued.labels(model).set(depth.pending)
