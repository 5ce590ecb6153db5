"""Decide what becomes of an event: stored and acknowledged, waiting for the store, or set aside.

* stored: acknowledged, after the write;
* the store is away: retried here until it is back, so soon nothing else is pulled and the broker
  is told that the event is in hand;
* the store answers with an error, or handling it fails: handed out again later, others go on; and
  after some tries set aside, or it would hold up for ever who waits for all that came before;
* it can never be read or stored: set aside at once.

What is set aside is kept in the quarantine with its reason, logged with its stream sequence,
counted and terminated (``python -m analytics quarantine``).
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
    UnknownVersion,
    UnreadableEvent,
)
from analytics.metrics import EventCounters
from analytics.place import handled, place_of
from analytics.quarantine_store import QuarantineStore, Trouble
from analytics.store_health import StoreHealth
from schemas.streams import TITLES_CONSUMER

# A store that restarts is back within a second; the longest wait is what a reader of the history
# then waits at most.
_FIRST_RETRY_S = 0.05
_LONGEST_RETRY_S = 1.0
# What failed with an answer is likely to fail again for a while; others must not wait for it.
_REDELIVER_AFTER_S = 15.0
# A store that restarts or elects refuses for less than these take together.
_TRIES = 6
# Who asks for titles never sees the past, so it keeps nothing to be tried again.
_KEEPS_NOTHING = TITLES_CONSUMER

log = structlog.get_logger(__name__)


class EventDelivery:
    """FastStream middleware for all consumers of one process.

    ``stopping`` hands waiting events back to the broker at once, for another process to take.
    ``handled`` counts the events that are no longer in hand, whatever became of them.
    """

    def __init__(
        self,
        stopping: asyncio.Event,
        health: StoreHealth,
        counters: EventCounters,
        quarantine: QuarantineStore,
    ) -> None:
        self.stopping = stopping
        self.health = health
        self.counters = counters
        self.quarantine = quarantine
        self.handled = 0

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
        # Each event has a task, whose context ends with it.
        structlog.contextvars.bind_contextvars(**place._asdict())
        try:
            await self._read_and_apply(call_next, message)
        finally:
            self._shared.handled += 1

    async def _read_and_apply(self, call_next: Any, message: Any) -> None:
        try:
            event = await message.decode()
        except UnknownVersion as error:
            await self._set_aside(message, Trouble("unknown_version", str(error)))
            return
        except UnreadableEvent as error:
            await self._set_aside(message, Trouble("unreadable", str(error)))
            return
        structlog.contextvars.bind_contextvars(reply_id=getattr(event, "reply_id", None))
        await self._apply(call_next, message, getattr(event, "conversation_id", None) or "")

    async def _apply(self, call_next: Any, message: NatsMessage, conversation: str) -> None:
        try:
            if await self._store(call_next, message):
                await message.ack()
                self._shared.counters.stored(handled.get().consumer, _age_s(message))
                log.debug("event_stored")
            else:
                await message.nack()
        except NotStorable as error:
            await self._set_aside(message, Trouble("not_storable", str(error)), conversation)
        except LogUnavailable as error:
            log.warning("event_waits_for_log", error=str(error))
            await message.nack(delay=_REDELIVER_AFTER_S)
        except StoreRefused as error:
            log.error("event_refused_by_store", error=str(error), cause=repr(error.__cause__))
            await self._later(message, Trouble("refused", str(error)), conversation)
        # The root of this event's task: it must come back whatever went wrong.
        except Exception as error:
            log.exception("event_failed")
            await self._later(message, Trouble("failed", repr(error)), conversation)

    async def _later(self, message: NatsMessage, trouble: Trouble, conversation: str) -> None:
        """Have the event handed out again, but not for ever."""
        if message.raw_message.metadata.num_delivered < _TRIES:
            await message.nack(delay=_REDELIVER_AFTER_S)
        else:
            await self._set_aside(message, trouble, conversation)

    async def _store(self, call_next: Any, message: NatsMessage) -> bool:
        """Call the handler until the store took the event; ``False`` when we must stop first."""
        wait_s = _FIRST_RETRY_S
        while True:
            try:
                await call_next(message)
            except StoreUnavailable as error:
                self._shared.health.unavailable(error)
                self._shared.counters.retried(handled.get().consumer)
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

    async def _set_aside(
        self, message: NatsMessage, trouble: Trouble, conversation: str = ""
    ) -> None:
        place = handled.get()
        if place.consumer == _KEEPS_NOTHING:
            log.error("event_dropped", reason=trouble.reason, error=trouble.detail)
            self._shared.counters.dropped(place.consumer, trouble.reason)
            await message.reject()
            return
        try:
            await self._shared.quarantine.add(place, message.body, trouble, conversation)
        except (StoreUnavailable, StoreRefused, NotStorable) as error:
            log.error("event_waits_for_quarantine", reason=trouble.reason, error=str(error))
            await message.nack(delay=_REDELIVER_AFTER_S)
            return
        log.error("event_set_aside", reason=trouble.reason, error=trouble.detail)
        self._shared.counters.set_aside(place.consumer, trouble.reason)
        await message.reject()


def _age_s(message: NatsMessage) -> float:
    """Return how long ago the broker stored the event."""
    return time.time() - float(message.raw_message.metadata.timestamp.timestamp())
