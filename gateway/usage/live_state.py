"""Say how the instance does at this moment: queues, workers, consumers."""

from gateway.errors import BrokerUnavailable
from gateway.model_directory import ModelDirectory
from gateway.queue_depth import QueueDepths
from gateway.usage.consumer_lags import ConsumerLags
from gateway.usage.shapes import LiveConsumer, LiveModel, LiveState
from schemas.direct_get import LogUnavailable

_MAX_AGE_S = 1.0


class LiveStates:
    """Asks the broker and the beacons."""

    def __init__(self, models: ModelDirectory, depths: QueueDepths, lags: ConsumerLags) -> None:
        self._models = models
        self._depths = depths
        self._lags = lags

    async def now(self) -> LiveState | None:
        """Return the state, ``None`` while the broker does not answer."""
        try:
            names = [state.model for state in await self._models.all()]
            models = [await self._model(name) for name in names]
            lags = await self._lags.all()
        except (BrokerUnavailable, LogUnavailable):
            return None
        consumers = [LiveConsumer(**lag._asdict()) for lag in lags]
        return LiveState(models=models, consumers=consumers)

    async def _model(self, model: str) -> LiveModel:
        beacons = self._models.workers(model)
        taking = [beacon for beacon in beacons if not beacon.draining]
        depth = await self._depths.depth(model, max_age_s=_MAX_AGE_S)
        return LiveModel(
            model=model,
            queued=depth.pending,
            workers=len(beacons),
            draining=len(beacons) - len(taking),
            slots=sum(beacon.slots for beacon in taking),
            free=sum(beacon.free for beacon in taking),
            tokens_per_s=round(sum(beacon.tokens_per_s for beacon in beacons), 1),
        )
