"""Read one user's events for one device: from a cursor on, without gap or repeat, for ever.

A wake-up, a reconnect or a few seconds without either make it look into the log; what was found
is read to its end, a batch at a time, and only when the device has taken the batch before.
"""

import asyncio
from collections.abc import Iterable

import structlog
from nats.aio.msg import Msg

from gateway.broker_link import BrokerLink
from gateway.errors import BrokerUnavailable, GatewayError
from gateway.feed.event_news import news_of
from gateway.feed.feed_cursor import FeedCursor
from gateway.feed.news import News
from gateway.feed.wake_ups import WakeUps
from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.events import decode_event
from schemas.streams import CHAT

# Of one read: it bounds memory, not what can be read. A prompt may have megabytes, so a batch ends
# after the event that fills it.
_BATCH_EVENTS = 256
_BATCH_BYTES = 1024 * 1024
# A wake-up may be lost (republishing is at most once), or the stream may send none.
LOOK_S = 5.0
_RETRY_S = 0.25

log = structlog.get_logger(__name__)


class Feed:
    """One device's reader; ``first`` is what it hears before what comes after ``cursor``."""

    def __init__(
        self,
        link: BrokerLink,
        wake_ups: WakeUps,
        user_id: str,
        cursor: FeedCursor,
        first: Iterable[News],
    ) -> None:
        """The wake-ups are subscribed already, or what was stored since would be found late."""
        self._link = link
        self._wake_ups = wake_ups
        self._user_id = user_id
        self._cursor = cursor
        self._first = list(first)
        self._clock = asyncio.get_running_loop().time
        self._look_at = 0.0
        self._stopped: GatewayError | None = None

    async def read(self, wait_s: float) -> list[News]:
        """Return what comes next, none after ``wait_s`` without any.

        Waits through an absence of the broker. Raises what it was stopped with.
        """
        until = self._clock() + wait_s
        while True:
            if self._stopped is not None:
                raise self._stopped
            if self._first:
                first, self._first = self._first, []
                return first
            now = self._clock()
            if self._wake_ups.heard or now >= self._look_at:
                if news := await self._look():
                    return news
            elif now >= until:
                return []
            else:
                await self._wake_ups.wait(min(until, self._look_at) - now)

    def look(self) -> None:
        """Look into the log soon: wake-ups may have been missed."""
        self._wake_ups.wake()

    def stop(self, reason: GatewayError) -> None:
        """Make ``read`` raise ``reason``."""
        self._stopped = reason
        self._wake_ups.wake()

    async def _look(self) -> list[News]:
        """Read the next batch of the log."""
        self._wake_ups.forget()
        where = {
            "seq": self._cursor.next_sequence,
            "next_by_subj": subjects.facts_of_user(self._user_id),
        }
        limits = {"batch": _BATCH_EVENTS, "max_bytes": _BATCH_BYTES}
        try:
            direct_get = self._link.session().direct_get
            messages, pending = await direct_get.read(CHAT, {**where, **limits})
        except (BrokerUnavailable, LogUnavailable) as error:
            log.debug("feed_not_read", error=str(error))
            self._look_at = self._clock() + _RETRY_S
            return []
        self._look_at = 0.0 if messages and pending else self._clock() + LOOK_S
        return [news for message in messages for news in self._take(message)]

    def _take(self, message: Msg) -> list[News]:
        """Move on to a message; return what it says that the device has not heard."""
        sequence = int((message.headers or {})["Nats-Sequence"])
        heard = self._cursor.part if sequence == self._cursor.sequence else 0
        self._cursor = FeedCursor(sequence)
        try:
            event = decode_event(message.data)
        except (ValueError, RecursionError) as error:
            log.warning("feed_event_unreadable", sequence=sequence, error=str(error))
            return []
        return news_of(event, sequence)[heard:]
