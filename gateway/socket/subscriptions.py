"""The replies that one socket reads: at most so many, and each of them once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from gateway.errors import GatewayError, TooManySubscriptions
from gateway.socket.connection import SocketClosed
from gateway.socket.metrics import SocketMetrics

# More than a screen shows at once; each may hold a full inbox while the client reads nothing.
MAX_SUBSCRIPTIONS: Final = 64


class Subscriptions:
    """Knows the task that reads each reply; ``report`` tells the client of one that failed."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        metrics: SocketMetrics,
        report: Callable[[str, GatewayError], Awaitable[None]],
    ) -> None:
        self._tasks = tasks
        self._metrics = metrics
        self._report = report
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._reserved = 0

    def reserve(self) -> None:
        """Keep room for one that is yet to begin; raises ``TooManySubscriptions``."""
        if len(self._running) + self._reserved >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions
        self._reserved += 1

    def give_back(self) -> None:
        """Give up the room that ``reserve`` kept."""
        self._reserved -= 1

    async def begin(self, reply_id: str, read: Callable[[], Awaitable[None]]) -> None:
        """Run ``read`` as the one subscription to the reply; an earlier one is stopped first.

        Raises ``TooManySubscriptions``.
        """
        await self.end(reply_id)
        if len(self._running) + self._reserved >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions
        task = self._tasks.create_task(self._run(reply_id, read), name=f"read-{reply_id}")
        self._enter(reply_id, task)
        task.add_done_callback(lambda done: self._leave(reply_id, done))

    @asynccontextmanager
    async def joined(self, reply_id: str) -> AsyncIterator[None]:
        """Let the current task be the one subscription to the reply, in the room it reserved."""
        await self.end(reply_id)
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._enter(reply_id, task)
        try:
            yield
        finally:
            self._leave(reply_id, task)

    async def end(self, reply_id: str) -> None:
        """Stop the subscription to a reply, if there is one; nothing of it is sent afterwards."""
        while (task := self._running.get(reply_id)) is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, reply_id: str, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except GatewayError as error:
            await self._report(reply_id, error)
        except SocketClosed:
            return

    def _enter(self, reply_id: str, task: asyncio.Task[Any]) -> None:
        self._running[reply_id] = task
        self._metrics.subscriptions.inc()

    def _leave(self, reply_id: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(reply_id) is task:
            del self._running[reply_id]
            self._metrics.subscriptions.dec()
