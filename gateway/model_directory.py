"""Know the models: which exist, which are ready, and how much context they have.

A model is *known* while its consumer exists, so a prompt for it waits for a worker to come
(scale from zero); it is *ready* while a worker's beacon says so.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import orjson
import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import BrokerUnavailable
from schemas import subjects
from schemas.beacon import WORKER_DEAD_AFTER_S, Beacon, decode_beacon
from schemas.streams import CHAT

_REFRESH_S = 5.0
# Requests for models that are not known ask the broker at most this often, and wait for it: a model
# that has just been added is known at once.
_BETWEEN_LISTINGS_S = 0.2
_TIMEOUT_S = 2.0
# Beacons come from outside; a flood of invented names must not grow memory.
_MAX_WORKERS = 10_000

log = structlog.get_logger(__name__)


class _Heard(NamedTuple):
    beacon: Beacon
    at: float


class ModelState(NamedTuple):
    """What is known of a model; ``max_model_len`` is ``None`` until a worker has said it."""

    model: str
    ready: bool
    max_model_len: int | None


class Pace(NamedTuple):
    """How fast a model's workers answer: seconds a reply, by their mean, and slots of them all."""

    reply_s: float
    slots: int

    @property
    def one_begins_s(self) -> float:
        """Seconds between two replies that begin, while prompts wait for a slot."""
        return self.reply_s / self.slots


class ModelDirectory:
    """Fed by beacons and by the list of consumers."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._workers: dict[tuple[str, str], _Heard] = {}
        self._lengths: dict[str, int] = {}
        self._known: frozenset[str] = frozenset()
        self._listed_at = float("-inf")
        self._listing = asyncio.Lock()
        self.seen_a_worker = False
        link.on_ready.append(self._subscribe)

    async def run(self) -> None:
        """Keep the list fresh until cancelled."""
        while True:
            try:
                await self._list()
            except BrokerUnavailable:
                log.debug("models_not_listed")
            self._forget_the_dead()
            await asyncio.sleep(_REFRESH_S)

    async def find(self, model: str) -> ModelState | None:
        """Return a model's state, or ``None`` if it is not known; raises ``BrokerUnavailable``."""
        if model not in self._known and model not in await self._list():
            return None
        return self._state(model)

    async def all(self) -> list[ModelState]:
        """Return every known model; raises ``BrokerUnavailable``."""
        return [self._state(model) for model in sorted(await self._list())]

    def is_alive(self, worker: str) -> bool:
        """Tell whether a worker was heard lately, of whatever model."""
        now = time.monotonic()
        heard = (heard for (_, name), heard in self._workers.items() if name == worker)
        return any(now - one.at < WORKER_DEAD_AFTER_S for one in heard)

    def workers(self, model: str) -> list[Beacon]:
        """Return what a model's live workers said of themselves last."""
        return list(self._alive(model))

    def pace(self, model: str) -> Pace | None:
        """Return how fast the live workers that take prompts answer.

        ``None`` without such a worker, and while none of them has ended a reply.
        """
        takers = [beacon for beacon in self._alive(model) if not beacon.draining]
        known = [beacon.reply_s for beacon in takers if beacon.reply_s > 0]
        slots = sum(beacon.slots for beacon in takers)
        return Pace(sum(known) / len(known), slots) if known and slots > 0 else None

    def _state(self, model: str) -> ModelState:
        ready = any(not beacon.draining for beacon in self._alive(model))
        return ModelState(model, ready, self._lengths.get(model))

    def _alive(self, model: str) -> Iterator[Beacon]:
        now = time.monotonic()
        for (name, _), heard in self._workers.items():
            if name == model and now - heard.at < WORKER_DEAD_AFTER_S:
                yield heard.beacon

    async def _list(self) -> frozenset[str]:
        """Return the models as of now or later; callers at the same time share one listing."""
        asked_at = time.monotonic()
        async with self._listing:
            if self._listed_at < asked_at:
                session = self._link.session()
                await asyncio.sleep(self._listed_at + _BETWEEN_LISTINGS_S - asked_at)
                listed_at = time.monotonic()
                try:
                    self._known = await _worker_models(session)
                except (NatsError, TimeoutError) as error:
                    raise BrokerUnavailable from error
                self._listed_at = listed_at
            return self._known

    async def _subscribe(self, session: BrokerSession) -> None:
        await session.client.subscribe(subjects.ALL_BEACONS, cb=self._hear)

    async def _hear(self, message: Msg) -> None:
        try:
            beacon = decode_beacon(message.data)
        except msgspec.DecodeError as error:
            log.warning("beacon_unreadable", error=str(error))
            return
        key = (beacon.model, beacon.worker)
        if key not in self._workers and len(self._workers) >= _MAX_WORKERS:
            return
        self._workers[key] = _Heard(beacon, time.monotonic())
        self._lengths[beacon.model] = beacon.max_model_len
        self.seen_a_worker = True

    def _forget_the_dead(self) -> None:
        now = time.monotonic()
        for key in [k for k, h in self._workers.items() if now - h.at > WORKER_DEAD_AFTER_S]:
            del self._workers[key]
        alive = {model for model, _ in self._workers}
        for model in [m for m in self._lengths if m not in alive and m not in self._known]:
            del self._lengths[model]


async def _worker_models(session: BrokerSession) -> frozenset[str]:
    """Return the models whose consumer exists."""
    names: list[str] = []
    total = 1
    while len(names) < total:
        page = await _consumer_names(session, len(names))
        found = page.get("consumers") or []
        names += found
        total = int(page.get("total", 0)) if found else 0
    prefix = subjects.WORKER_CONSUMER_PREFIX
    tokens = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return frozenset(model for token in tokens if (model := _model_or_none(token)) is not None)


def _model_or_none(token: str) -> str | None:
    try:
        return subjects.decode_model(token)
    except subjects.ModelNameError:
        # Somebody else's consumer.
        return None


async def _consumer_names(session: BrokerSession, offset: int) -> Mapping[str, Any]:
    answer = await session.client.request(
        f"$JS.API.CONSUMER.NAMES.{CHAT}", orjson.dumps({"offset": offset}), timeout=_TIMEOUT_S
    )
    page: dict[str, Any] = orjson.loads(answer.data)
    if "error" in page:
        raise NatsError(str(page["error"]))
    return page
