"""Open feeds on the broker connection, a few for each user, and end them when the process stops."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, NamedTuple

from nats.errors import Error as NatsError

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import (
    BrokerUnavailable,
    FeedCursorRefused,
    GatewayStopping,
    TooManyFeeds,
)
from gateway.feed.feed import Feed
from gateway.feed.feed_cursor import FeedCursor, parse_feed_cursor
from gateway.feed.news import News, RunningNews
from gateway.feed.running_list import running_at
from gateway.feed.wake_ups import WakeUps
from gateway.header_scan import api_request
from gateway.metrics import GatewayMetrics
from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.streams import CHAT

# Of one user in one process: more than anybody has devices, and each reads the log by itself.
MAX_FEEDS: Final = 8
_STOPPING = "The gateway process is stopping; connect again with your cursor."


class Feeds:
    """The open feeds of this process."""

    def __init__(self, link: BrokerLink, metrics: GatewayMetrics, *, longest_run_s: float) -> None:
        self._link = link
        self._metrics = metrics
        self._longest_run_s = longest_run_s
        self._of_user: Counter[str] = Counter()
        self._open: set[Feed] = set()
        self._closed = False
        link.on_reconnect.append(self._reconnected)

    @asynccontextmanager
    async def open(self, user_id: str, after: str | None) -> AsyncIterator[Feed]:
        """Read the user's feed after a cursor, or from now on, for the duration of the block.

        Raises ``FeedCursorRefused``, ``TooManyFeeds``, ``BrokerUnavailable`` or
        ``GatewayStopping``.
        """
        if self._closed:
            raise GatewayStopping(_STOPPING)
        cursor = None if after is None else parse_feed_cursor(after)
        with self._counted(user_id):
            wake_ups = WakeUps()
            try:
                feed = await self._begin(wake_ups, user_id, cursor)
                with self._known(feed):
                    yield feed
            finally:
                await wake_ups.close()

    def stop(self) -> None:
        """Open no more, and make every open feed raise ``GatewayStopping``."""
        self._closed = True
        for feed in self._open:
            feed.stop(GatewayStopping())

    async def _begin(self, wake_ups: WakeUps, user_id: str, cursor: FeedCursor | None) -> Feed:
        try:
            session = self._link.session()
            await wake_ups.subscribe(session.client, subjects.wake_ups_of_user(user_id))
            # Before the list of what runs: what happens between the two is news.
            edges = await _edges(session)
            if cursor is not None and cursor.sequence > edges.last:
                raise FeedCursorRefused(param="after")
            if cursor is not None and cursor.next_sequence >= edges.first:
                return Feed(self._link, wake_ups, user_id, cursor, ())
            replies = await running_at(session, user_id, edges.last, self._longest_run_s)
        except (NatsError, LogUnavailable) as error:
            raise BrokerUnavailable from error
        begin = FeedCursor(edges.last)
        first = News(begin, RunningNews(replies=replies, reset=cursor is not None))
        return Feed(self._link, wake_ups, user_id, begin, (first,))

    @contextmanager
    def _counted(self, user_id: str) -> Iterator[None]:
        if self._of_user[user_id] >= MAX_FEEDS:
            raise TooManyFeeds
        self._of_user[user_id] += 1
        try:
            yield
        finally:
            self._of_user[user_id] -= 1
            if not self._of_user[user_id]:
                del self._of_user[user_id]

    @contextmanager
    def _known(self, feed: Feed) -> Iterator[None]:
        if self._closed:
            raise GatewayStopping(_STOPPING)
        self._open.add(feed)
        self._metrics.feed_opened()
        try:
            yield
        finally:
            self._open.discard(feed)
            self._metrics.feed_closed()

    def _reconnected(self) -> None:
        for feed in self._open:
            feed.look()


class _Edges(NamedTuple):
    """The sequences of the first and the last event that the log holds; first > last if none."""

    first: int
    last: int


async def _edges(session: BrokerSession) -> _Edges:
    info = await api_request(session.client, f"STREAM.INFO.{CHAT}")
    return _Edges(int(info["state"]["first_seq"]), int(info["state"]["last_seq"]))
