"""Take one reply's live messages from the broker connection with as little work as possible.

nats-py hands a message to a subscription's task, which hands it to its callback, which would hand
it to the reader: two task switches a frame. A subscription with a *future* gets its messages
synchronously instead, and an object that accepts more than one result serves as that future.
"""

import asyncio
from collections import deque
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

# What waits for one slow reader: at most so many messages, and so many bytes in their bodies. What
# comes beyond is dropped and read from the log later, so a slow reader costs bounded memory and
# loses nothing. A message is one token mostly (150 bytes, about 1 KB with its headers as objects);
# one that a worker coalesced may be long.
BOUND = 1_024
BOUND_BYTES = 1024 * 1024


class LiveInbox:
    """The messages that have come in and were not yet read; ``dropped`` once some were not kept."""

    def __init__(self) -> None:
        self.messages: deque[Msg] = deque()
        self.dropped = False
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._subscription: Subscription | None = None

    async def subscribe(self, client: Client, subject: str) -> None:
        """Begin to receive; raises ``nats.errors.Error``."""
        self._subscription = await client.subscribe(subject, future=cast("Any", self))

    async def close(self) -> None:
        """Receive no more; a broker that is away forgets the subscription by itself."""
        if self._subscription is None:
            return
        subscription, self._subscription = self._subscription, None
        try:
            await subscription.unsubscribe()
        except NatsError:
            return

    def cancelled(self) -> bool:
        """Tell nats-py that results are wanted."""
        return False

    def set_result(self, message: Msg) -> None:
        """Take one message: nats-py calls this for each."""
        size = len(message.data)
        if len(self.messages) >= BOUND or self._bytes + size > BOUND_BYTES:
            self.dropped = True
        else:
            self.messages.append(message)
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
