"""Pull events for FastStream's loop: soon when there are some, and never in a spin.

The client library's own ``fetch`` stalls for up to its timeout when an event arrives just as a
request expires (https://github.com/nats-io/nats.py/issues/986), and a refused pull returns at
once, which FastStream's loop answers with the next one, thousands of times a second where the
consumer was deleted. Here one request stands at a time, and a refusal takes a moment.
"""

import asyncio
import contextlib
from collections import deque
from typing import Any, Self

import orjson
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext

# As long as it takes to notice and repair a deleted consumer.
_REFUSED_PAUSE_S = 0.5
# How much later than its expiry a request counts as lost, with the broker that it went to.
_LOST_AFTER_S = 0.5
# Events wait this long and are handled together. The moment after a prompt was accepted is when its
# first token is made, and on a small machine both want the same cores: it came 2 ms later without.
# Twice as long would save a seventh of the consumers' CPU at 100 replies/s, and the history would
# be twice as late, because a batch waits for the one before it, too.
_LINGER_S = 0.03
_NS = 1_000_000_000
_EXPIRED = ("404", "408")

log = structlog.get_logger(__name__)


class EventPull:
    """A pull subscription on one durable consumer, with one request outstanding at a time.

    ``fetched`` counts the events that were given to be handled.
    """

    def __init__(self, broker: Client, inbox: str, pull: str) -> None:
        self.fetched = 0
        self._broker = broker
        self._inbox = inbox
        self._pull_subject = pull
        self._subscription: Subscription | None = None
        # Events that the outstanding request may still bring; 0: there is none.
        self._outstanding = 0
        # Leaving it takes no await, so that FastStream can cancel a fetch at any moment.
        self._arrived: deque[Msg] = deque()
        self._something = asyncio.Event()
        self._closed = False
        # How many events a batch has at most.
        self._whole = 0

    @classmethod
    async def open(cls, broker: Client, stream: str, consumer: str) -> Self:
        """Return a subscription that is ready to fetch."""
        pull = cls(broker, broker.new_inbox(), f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}")
        pull._subscription = await broker.subscribe(pull._inbox, cb=pull._arrive)
        return pull

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109 (theirs)
        """Return what is there, at most ``batch``.

        Raises the client's timeout error, which FastStream expects, if nothing comes in time.
        FastStream asks again at once for the rest of a batch, which would hold back what has come:
        that is answered with the same error.
        """
        if batch < self._whole:
            raise NatsTimeoutError
        self._whole = batch
        try:
            if self._outstanding == 0 and not self._closed:
                await self._request(batch, timeout)
            async with asyncio.timeout(timeout + _LOST_AFTER_S):
                await self._something.wait()
        except TimeoutError as error:
            # The request went down with its broker.
            self._outstanding = 0
            raise NatsTimeoutError from error
        except NatsError as error:
            # It could not be sent, which is said at once; FastStream asks again without a pause.
            self._outstanding = 0
            await asyncio.sleep(_REFUSED_PAUSE_S)
            raise NatsTimeoutError from error
        if len(self._arrived) < batch:
            await asyncio.sleep(_LINGER_S)
        events, refused = self._take(batch)
        self.fetched += len(events)
        if refused and not events:
            await asyncio.sleep(_REFUSED_PAUSE_S)
        return events

    async def close(self) -> None:
        """Bring nothing more; what the broker has sent already goes back to it at once.

        Otherwise it would come again only after the consumer's ack wait.
        """
        if self._closed or self._subscription is None:
            return
        self._closed = True
        await self._hand_back()
        with contextlib.suppress(NatsError, TimeoutError):
            async with asyncio.timeout(_LOST_AFTER_S):
                await self._subscription.drain()  # type: ignore[no-untyped-call]
        await self._hand_back()

    async def unsubscribe(self) -> None:
        """End the subscription; FastStream calls this when its handlers have finished."""
        await self.close()

    async def _arrive(self, message: Msg) -> None:
        self._arrived.append(message)
        self._something.set()

    async def _request(self, batch: int, expires_s: float) -> None:
        body = orjson.dumps({"batch": batch, "expires": int(expires_s * _NS)})
        await self._broker.publish(self._pull_subject, body, reply=self._inbox)
        self._outstanding = batch

    def _take(self, at_most: int) -> tuple[list[Msg], bool]:
        """Return events, and whether the request was refused."""
        events: list[Msg] = []
        refused = False
        while self._arrived and len(events) < at_most:
            message = self._arrived.popleft()
            status = (message.headers or {}).get("Status")
            if status is None:
                events.append(message)
                self._outstanding = max(0, self._outstanding - 1)
                continue
            self._outstanding = 0
            if status not in _EXPIRED:
                refused = True
                log.warning("pull_refused", status=status, pull=self._pull_subject)
        if not self._arrived:
            self._something.clear()
        return events, refused

    async def _hand_back(self) -> None:
        events, _ = self._take(len(self._arrived))
        for event in events:
            await event.nak()


class EventJetStream(JetStreamContext):
    """The JetStream client that FastStream is given: its pull subscriptions are ``EventPull``."""

    def __init__(self, connection: Client) -> None:
        super().__init__(connection)
        self._pulls: list[EventPull] = []

    async def pull_subscribe(  # type: ignore[override]
        self,
        subject: str,  # noqa: ARG002
        durable: str | None = None,
        stream: str | None = None,
        **_: Any,
    ) -> EventPull:
        """Bind to a durable consumer, which exists: it was declared before."""
        pull = await EventPull.open(self._nc, str(stream), str(durable))
        self._pulls.append(pull)
        return pull

    @property
    def fetched(self) -> int:
        """How many events were given to be handled, by all subscriptions."""
        return sum(pull.fetched for pull in self._pulls)

    async def close_pulls(self) -> None:
        """Let no subscription bring another event."""
        await asyncio.gather(*(pull.close() for pull in self._pulls))


def use_event_pulls(broker: NatsBroker, connection: Client) -> EventJetStream:
    """Let the subscribers that ``broker`` starts from now on fetch through ``EventPull``."""
    jetstream = EventJetStream(connection)
    broker.config.connection_state.connect(connection, jetstream)
    return jetstream
