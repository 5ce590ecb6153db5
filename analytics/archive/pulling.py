"""Pull many messages of a durable consumer at once, in the order of the log and without a gap.

One request, and no task switch a message: 20,000 a second leave no room for what the client's own
``fetch`` does.
"""

import asyncio
from typing import Any, NamedTuple, Self, cast

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from analytics.errors import LogUnavailable

# How much later than its expiry a request counts as lost, with the broker that it went to.
_LOST_AFTER_S = 1.0
_NS = 1_000_000_000
_EXPIRED = ("404", "408")
# As long as it takes to notice and repair a deleted consumer.
_REFUSED_PAUSE_S = 0.5
# Tokens before the stream's sequence in the subject that acknowledges a message, which begins with
# `$JS.ACK.<stream>.<consumer>`, or with `$JS.ACK.<domain>.<account>.<stream>.<consumer>`: ADR-15.
_SHORT, _SHORT_LENGTH, _LONG = 5, 9, 7
_NS_IN_MS = 1_000_000


class Delivered(NamedTuple):
    """A message of the log, where it stands, and when it was stored by the broker's clock."""

    sequence: int
    stored_at_ms: int
    message: Msg


class BulkPull:
    """Pulls of one consumer that was just set back, one at a time.

    Where there was something there may be more: it is asked for before the first is handled.
    """

    def __init__(self, broker: Client, subject: str) -> None:
        """Use ``open`` instead: pulls need a subscription."""
        self._broker = broker
        self._subject = subject
        self._inbox = broker.new_inbox()
        self._subscription: Subscription | None = None
        self._wanted = 0
        self._asked = False
        self._delivered = 0
        self._messages: list[Msg] = []
        self._status: str | None = None
        self._done = asyncio.Event()

    @classmethod
    async def open(cls, broker: Client, stream: str, consumer: str) -> Self:
        """Return pulls that are ready."""
        pull = cls(broker, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}")
        pull._subscription = await broker.subscribe(pull._inbox, future=cast("Any", pull))
        return pull

    async def fetch(self, batch: int, max_bytes: int, expires_s: float) -> list[Delivered]:
        """Return at most ``batch`` messages in the order of the log, what there is in time.

        Raises ``LogUnavailable`` when some were lost on their way, or the request was: the consumer
        must be set back then, or they would come again only after its long ack wait.
        """
        request = {"batch": batch, "max_bytes": max_bytes, "expires": int(expires_s * _NS)}
        if not self._asked:
            await self._ask(request)
        try:
            async with asyncio.timeout(expires_s + _LOST_AFTER_S):
                await self._done.wait()
        except TimeoutError as error:
            raise LogUnavailable("the broker did not answer a pull") from error
        self._asked = False
        messages, status = self._messages, self._status
        if messages:
            await self._ask(request)
        elif status not in _EXPIRED:
            await asyncio.sleep(_REFUSED_PAUSE_S)
        return [self._in_order(message) for message in messages]

    async def _ask(self, request: dict[str, int]) -> None:
        self._messages, self._wanted, self._status = [], request["batch"], None
        self._done.clear()
        self._asked = True
        await self._broker.publish(self._subject, orjson.dumps(request), reply=self._inbox)
        # The client writes it in a task of its own, which otherwise waits for what we do next.
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End the subscription."""
        if self._subscription is not None and not self._broker.is_closed:
            await self._subscription.unsubscribe()

    def cancelled(self) -> bool:
        """Tell nats-py that messages are wanted: it takes this for a subscription's future."""
        return False

    def set_result(self, message: Msg) -> None:
        """Take one message, as such a future does, without a switch to another task."""
        self._status = (message.headers or {}).get("Status")
        if self._status is None:
            self._messages.append(message)
        if self._status is not None or len(self._messages) >= self._wanted:
            self._done.set()

    def _in_order(self, message: Msg) -> Delivered:
        # The client's own `metadata` costs a third of all that is done with a message.
        tokens = message.reply.split(".")
        at = _SHORT if len(tokens) == _SHORT_LENGTH else _LONG
        sequence, delivery, stored_ns = tokens[at : at + 3]
        self._delivered += 1
        if int(delivery) != self._delivered:
            raise LogUnavailable("messages were lost on their way")
        return Delivered(int(sequence), int(stored_ns) // _NS_IN_MS, message)
