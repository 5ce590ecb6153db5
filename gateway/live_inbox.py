"""Take one reply's live messages from the broker connection with as little work as possible.

nats-py hands a message to a subscription's task, which hands it to its callback, which would hand
it to the reader: two task switches a frame, and a message object with all its headers. Here the
bytes are taken as they come, and the reader looks at them when it is its turn.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from schemas.nats_client import MessageSink, NatsClient

# What waits for one slow reader: at most so many messages, and so many bytes in their bodies. What
# comes beyond is dropped and read from the log later, so a slow reader costs bounded memory and
# loses nothing. A message is one token mostly (150 bytes, and 200 of headers); one that a worker
# coalesced may be long.
BOUND = 1_024
BOUND_BYTES = 1024 * 1024
# The broker writes them, with its own case and one blank.
_SEQUENCE = b"\r\nNats-Sequence: "
_LAST_SEQUENCE = b"\r\nNats-Last-Sequence: "


class LiveMessage(NamedTuple):
    """A frame as the broker passed it on when it had stored it."""

    headers: bytes
    data: bytes

    @property
    def sequence(self) -> int:
        """The frame's place in the log."""
        return _number(self.headers, _SEQUENCE)

    @property
    def last_sequence(self) -> int:
        """The place of the frame before it on the same subject; 0 where there is none."""
        return _number(self.headers, _LAST_SEQUENCE)


class LiveInbox(MessageSink):
    """The messages that have come in and were not yet read; ``dropped`` once some were not kept."""

    def __init__(self) -> None:
        self.messages: deque[LiveMessage] = deque()
        self.dropped = False
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._subscription: Subscription | None = None

    async def subscribe(self, client: NatsClient, subject: str) -> None:
        """Begin to receive; raises ``nats.errors.Error``."""
        self._subscription = await client.subscribe_sink(subject, self)

    async def close(self) -> None:
        """Receive no more; a broker that is away forgets the subscription by itself."""
        if self._subscription is None:
            return
        subscription, self._subscription = self._subscription, None
        try:
            await subscription.unsubscribe()
        except NatsError:
            return

    def take(self, headers: bytes, data: bytes) -> None:
        """Take one message; the client calls this for each."""
        size = len(data)
        if len(self.messages) >= BOUND or self._bytes + size > BOUND_BYTES:
            self.dropped = True
        else:
            self.messages.append(LiveMessage(headers, data))
            self._bytes += size
        self.wake()

    def remove_first(self) -> None:
        """Give up the message that has waited longest; it was read."""
        self._bytes -= len(self.messages.popleft().data)

    def wake(self) -> None:
        """Let the reader look around."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait(self) -> None:
        """Return at the next ``wake``."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


def _number(headers: bytes, name: bytes) -> int:
    start = headers.index(name) + len(name)
    return int(headers[start : headers.index(b"\r\n", start)])
