"""Hear that something about a user was stored; what it is, the log says.

Any number of wake-ups are one: nothing of them is kept, however slow the reader.
"""

import asyncio
from contextlib import suppress
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError


class WakeUps:
    """``heard`` since it was last forgotten."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._subscription: Subscription | None = None

    @property
    def heard(self) -> bool:
        """Whether there was one."""
        return self._event.is_set()

    async def subscribe(self, client: Client, subject: str) -> None:
        """Begin to hear; raises ``nats.errors.Error``."""
        self._subscription = await client.subscribe(subject, future=cast("Any", self))

    async def close(self) -> None:
        """Hear no more; a broker that is away forgets the subscription by itself."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(NatsError):
                await subscription.unsubscribe()

    def cancelled(self) -> bool:
        """Tell nats-py that messages are wanted: it takes this for a subscription's future."""
        return False

    def set_result(self, message: Msg) -> None:
        """Take a message, as such a future does, without a task and without a queue."""
        del message
        self._event.set()

    def wake(self) -> None:
        """Let the reader look around."""
        self._event.set()

    def forget(self) -> None:
        """Begin anew; call it before looking, or what comes meanwhile is missed."""
        self._event.clear()

    async def wait(self, timeout_s: float) -> None:
        """Return at the next one, at once if it was heard already, or after ``timeout_s``."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout_s)
