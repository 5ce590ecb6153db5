"""Ask the store once for what several events want of it in the same moment: group commit.

Events are handled side by side. While one group is under way the next one gathers, so a store that
is slow, or busy, gets fewer and larger requests; who comes alone waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from analytics.errors import StoreUnavailable

_LARGEST_GROUP = 200

Item = TypeVar("Item")
Result = TypeVar("Result")


class Grouping(Generic[Item, Result]):
    """Calls ``work`` with groups of items; it returns one result an item, and may be repeated."""

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Return the item's result; raises what its group met, or the item alone."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await result

    async def _run(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), _LARGEST_GROUP)
                await self._do([self._waiting.popleft() for _ in range(size)])
        finally:
            self._task = None

    async def _do(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([item for item, _ in group])
        except Exception as error:  # noqa: BLE001 - it is raised where the items came from
            # One item that is refused must not refuse the others.
            if len(group) > 1 and not isinstance(error, StoreUnavailable):
                for one in group:
                    await self._do([one])
                return
            for _, waiting in group:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), result in zip(group, results, strict=True):
            if not waiting.done():
                waiting.set_result(result)
