"""Let those who ask for the same at the same time share one read.

A change in a conversation makes all devices of its user ask for the list anew. A read is shared
only by those who asked before it began, so that everybody still sees what they did before.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Generic, TypeVar

Found = TypeVar("Found")


class _Read(Generic[Found]):
    """One read that has begun, or will when the one before it has ended."""

    def __init__(
        self,
        read: Callable[[], Coroutine[None, None, Found]],
        before: "_Read[Found] | None",
    ) -> None:
        self.begun = False
        self.task = asyncio.create_task(self._run(read, before))

    async def _run(
        self, read: Callable[[], Coroutine[None, None, Found]], before: "_Read[Found] | None"
    ) -> Found:
        if before is not None:
            await asyncio.wait([before.task])
        self.begun = True
        return await read()


class SharedReads(Generic[Found]):
    """At most one read of a key is under way, and one more stands in line."""

    def __init__(self) -> None:
        self._latest: dict[Hashable, _Read[Found]] = {}

    async def read(self, key: Hashable, read: Callable[[], Coroutine[None, None, Found]]) -> Found:
        """Return what a read gives that begins now or later; raises what it raises.

        It goes on when a caller is cancelled: others may wait for it.
        """
        latest = self._latest.get(key)
        if latest is None or latest.begun:
            latest = self._latest[key] = _Read(read, latest)
            latest.task.add_done_callback(partial(self._forget, key, latest))
        return await asyncio.shield(latest.task)

    def _forget(self, key: Hashable, read: _Read[Found], ended: asyncio.Task[Found]) -> None:
        if not ended.cancelled():
            # A failure is its waiters' to see, if any are left.
            ended.exception()
        if self._latest.get(key) is read:
            del self._latest[key]
