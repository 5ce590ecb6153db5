"""Publish this worker's beacon, and know whether another worker of the model is alive."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas import subjects
from schemas.beacon import (
    BEACON_PERIOD_S,
    WORKER_DEAD_AFTER_S,
    Beacon,
    decode_beacon,
    encode_beacon,
)

log = structlog.get_logger(__name__)


class WorkerBeacon:
    """``describe`` builds the beacon of this moment."""

    def __init__(self, broker: Client, worker: str, describe: Callable[[], Beacon]) -> None:
        self._broker = broker
        self._worker = worker
        self._describe = describe
        self._others: dict[str, float] = {}
        self._clock = asyncio.get_running_loop().time

    def another_is_alive(self) -> bool:
        """Tell whether another worker of this model takes prompts."""
        now = self._clock()
        return any(now - heard_at < WORKER_DEAD_AFTER_S for heard_at in self._others.values())

    async def run(self) -> None:
        """Publish every second until cancelled."""
        model = self._describe().model
        await self._broker.subscribe(subjects.beacons_of_model(model), cb=self._hear)
        while True:
            await self.publish()
            await asyncio.sleep(BEACON_PERIOD_S)

    async def publish(self) -> None:
        """Publish one beacon now; a beacon that cannot be sent is left out."""
        beacon = self._describe()
        if not self._broker.is_connected:
            return
        try:
            await self._broker.publish(
                subjects.beacon(beacon.model, beacon.worker), encode_beacon(beacon)
            )
        except NatsError as error:
            log.warning("beacon_not_published", error=repr(error))

    async def _hear(self, message: Msg) -> None:
        try:
            beacon = decode_beacon(message.data)
        except msgspec.DecodeError as error:
            log.warning("beacon_unreadable", error=str(error))
            return
        if beacon.worker == self._worker:
            return
        if beacon.draining:
            self._others.pop(beacon.worker, None)
        else:
            self._others[beacon.worker] = self._clock()
