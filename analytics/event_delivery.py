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
from collections.abc import Awaitable, Callable, Iterable
from typing import get_args

import structlog
from nats.aio.msg import Msg

from analytics.errors import (
    LogUnavailable,
    NotStorable,
    StoreRefused,
    StoreUnavailable,
    UnknownVersion,
)
from analytics.metrics import EventCounters
from analytics.place import handled, place_of
from analytics.quarantine_store import QuarantineStore, Reason, Trouble
from analytics.store_health import StoreHealth
from schemas.events import Event
from schemas.streams import ARCHIVE_CONSUMER, TITLES_CONSUMER

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
# Reads the log by itself, and takes everything.
_NOT_DELIVERED = ARCHIVE_CONSUMER

Apply = Callable[[Event], Awaitable[None]]

log = structlog.get_logger(__name__)


class EventDelivery:
    """What becomes of the events of one process.

    ``stopping`` hands waiting events back to the broker at once, for another process to take.
    """

    def __init__(
        self,
        stopping: asyncio.Event,
        health: StoreHealth,
        counters: EventCounters,
        quarantine: QuarantineStore,
    ) -> None:
        self._stopping = stopping
        self._health = health
        self._counters = counters
        self._quarantine = quarantine

    def expect(self, consumers: Iterable[str]) -> None:
        """Let the counts of some consumers begin at 0."""
        for consumer in consumers:
            if consumer == _NOT_DELIVERED:
                continue
            self._counters.expect_retries(consumer)
            for reason in get_args(Reason):
                if consumer == _KEEPS_NOTHING:
                    self._counters.expect_dropped(consumer, reason)
                else:
                    self._counters.expect_set_aside(consumer, reason)

    async def deliver(self, message: Msg, event: Event | Exception, apply: Apply) -> None:
        """Handle one event to its end, in a task of its own; ``apply`` writes it to the store.

        An event that cannot be read is the reason why.
        """
        place = place_of(message)
        # The task's context ends with it.
        handled.set(place)
        structlog.contextvars.bind_contextvars(**place._asdict())
        if isinstance(event, UnknownVersion):
            await self._set_aside(message, Trouble("unknown_version", str(event)))
        elif isinstance(event, Exception):
            await self._set_aside(message, Trouble("unreadable", str(event)))
        else:
            structlog.contextvars.bind_contextvars(reply_id=getattr(event, "reply_id", None))
            await self._apply(message, event, apply)

    async def _apply(self, message: Msg, event: Event, apply: Apply) -> None:
        conversation = getattr(event, "conversation_id", None) or ""
        try:
            if await self._store(message, event, apply):
                await message.ack()
                self._counters.stored(handled.get().consumer, _age_s(message))
                log.debug("event_stored")
            else:
                await message.nak()
        except NotStorable as error:
            await self._set_aside(message, Trouble("not_storable", str(error)), conversation)
        except LogUnavailable as error:
            log.warning("event_waits_for_log", error=str(error))
            await message.nak(delay=_REDELIVER_AFTER_S)
        except StoreRefused as error:
            log.error("event_refused_by_store", error=str(error), cause=repr(error.__cause__))
            await self._later(message, Trouble("refused", str(error)), conversation)
        # The root of this event's task: it must come back whatever went wrong.
        except Exception as error:
            log.exception("event_failed")
            await self._later(message, Trouble("failed", repr(error)), conversation)

    async def _later(self, message: Msg, trouble: Trouble, conversation: str) -> None:
        """Have the event handed out again, but not for ever."""
        if message.metadata.num_delivered < _TRIES:
            await message.nak(delay=_REDELIVER_AFTER_S)
        else:
            await self._set_aside(message, trouble, conversation)

    async def _store(self, message: Msg, event: Event, apply: Apply) -> bool:
        """Write the event until the store took the event; ``False`` when we must stop first."""
        wait_s = _FIRST_RETRY_S
        while True:
            try:
                await apply(event)
            except StoreUnavailable as error:
                self._health.unavailable(error)
                self._counters.retried(handled.get().consumer)
            else:
                self._health.available()
                return True
            await message.in_progress()
            if await self._stopping_within(wait_s):
                return False
            wait_s = min(2 * wait_s, _LONGEST_RETRY_S)

    async def _stopping_within(self, wait_s: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), wait_s)
        except TimeoutError:
            return False
        return True

    async def _set_aside(self, message: Msg, trouble: Trouble, conversation: str = "") -> None:
        place = handled.get()
        if place.consumer == _KEEPS_NOTHING:
            log.error("event_dropped", reason=trouble.reason, error=trouble.detail)
            self._counters.dropped(place.consumer, trouble.reason)
            await message.term()
            return
        try:
            await self._quarantine.add(place, message.data, trouble, conversation)
        except (StoreUnavailable, StoreRefused, NotStorable) as error:
            log.error("event_waits_for_quarantine", reason=trouble.reason, error=str(error))
            await message.nak(delay=_REDELIVER_AFTER_S)
            return
        log.error("event_set_aside", reason=trouble.reason, error=trouble.detail)
        self._counters.set_aside(place.consumer, trouble.reason)
        await message.term()


def _age_s(message: Msg) -> float:
    """Return how long ago the broker stored the event."""
    return time.time() - float(message.metadata.timestamp.timestamp())
