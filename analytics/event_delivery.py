"""Decide what becomes of an event: stored and acknowledged, waiting for the store, or dropped.

* stored: acknowledged, after the write;
* the store is away: retried here until it is back, so nothing else is pulled meanwhile and the
  broker is told that the event is in hand;
* the store answers with an error: handed out again later, others go on;
* it can never be read or stored: logged with its stream sequence, counted and terminated.
"""

import asyncio
import time
from typing import Any

import structlog
from faststream import BaseMiddleware, ContextRepo
from faststream.nats import NatsMessage

from analytics.errors import (
    LogUnavailable,
    NotStorable,
    StoreRefused,
    StoreUnavailable,
    UnreadableEvent,
)
from analytics.metrics import EventCounters
from analytics.place import handled, place_of
from analytics.store_health import StoreHealth

# A store that restarts is back within a second; the longest wait is what a reader of the history
# then waits at most.
_FIRST_RETRY_S = 0.05
_LONGEST_RETRY_S = 1.0
# What failed with an answer is likely to fail again for a while; others must not wait for it.
_REDELIVER_AFTER_S = 15.0

log = structlog.get_logger(__name__)


class EventDelivery:
    """FastStream middleware for all consumers of one process.

    ``stopping`` hands waiting events back to the broker at once, for another process to take.
    """

    def __init__(
        self, stopping: asyncio.Event, health: StoreHealth, counters: EventCounters
    ) -> None:
        self.stopping = stopping
        self.health = health
        self.counters = counters

    def __call__(self, message: Any, /, *, context: ContextRepo) -> "_Delivery":
        """Return the middleware of one message; FastStream calls this."""
        return _Delivery(message, context=context, shared=self)


class _Delivery(BaseMiddleware[Any, Any]):
    def __init__(self, message: Any, *, context: ContextRepo, shared: EventDelivery) -> None:
        super().__init__(message, context=context)
        self._shared = shared

    async def consume_scope(self, call_next: Any, message: Any) -> None:
        """Handle one event to its end."""
        place = place_of(message.raw_message)
        handled.set(place)
        with structlog.contextvars.bound_contextvars(**place._asdict()):
            try:
                event = await message.decode()
            except UnreadableEvent as error:
                await self._terminate(message, "unreadable", error)
                return
            with structlog.contextvars.bound_contextvars(reply_id=getattr(event, "reply_id", None)):
                await self._apply(call_next, message)

    async def _apply(self, call_next: Any, message: NatsMessage) -> None:
        try:
            if await self._store(call_next, message):
                await message.ack()
                place = place_of(message.raw_message)
                self._shared.counters.stored(place.consumer, _age_s(message))
                log.debug("event_stored")
            else:
                await message.nack()
        except NotStorable as error:
            await self._terminate(message, "not_storable", error)
        except LogUnavailable as error:
            log.warning("event_waits_for_log", error=str(error))
            await message.nack(delay=_REDELIVER_AFTER_S)
        except StoreRefused as error:
            log.error("event_refused_by_store", error=str(error), cause=repr(error.__cause__))
            await message.nack(delay=_REDELIVER_AFTER_S)
        # The root of this event's task: it must come back whatever went wrong.
        except Exception:
            log.exception("event_failed")
            await message.nack(delay=_REDELIVER_AFTER_S)

    async def _store(self, call_next: Any, message: NatsMessage) -> bool:
        """Call the handler until the store took the event; ``False`` when we must stop first."""
        wait_s = _FIRST_RETRY_S
        while True:
            try:
                await call_next(message)
            except StoreUnavailable as error:
                self._shared.health.unavailable(error)
                self._shared.counters.retried(place_of(message.raw_message).consumer)
            else:
                self._shared.health.available()
                return True
            await message.in_progress()
            if await self._stopping_within(wait_s):
                return False
            wait_s = min(2 * wait_s, _LONGEST_RETRY_S)

    async def _stopping_within(self, wait_s: float) -> bool:
        try:
            await asyncio.wait_for(self._shared.stopping.wait(), wait_s)
        except TimeoutError:
            return False
        return True

    async def _terminate(self, message: NatsMessage, reason: str, error: Exception) -> None:
        log.error("event_dropped", reason=reason, error=str(error))
        self._shared.counters.dropped(place_of(message.raw_message).consumer, reason)
        await message.reject()


def _age_s(message: NatsMessage) -> float:
    """Return how long ago the broker stored the event."""
    return time.time() - float(message.raw_message.metadata.timestamp.timestamp())
