"""Keep the roll-ups of usage up to date: again and again make anew what is stale.

Beside the events, so that many replies of one minute cost one roll-up and not one each.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import structlog

from analytics.errors import NotStorable, StoreRefused, StoreUnavailable
from analytics.stale_rollups import Mark, Rollup, all_users_of, hour_of
from schemas.documents import USAGE_HOURS, USAGE_MINUTES, USAGE_TOTALS

# What a dashboard is behind at most, where the store keeps up.
_PERIOD_S = 1.0
# Of the time that a sweep took, for others to use the store: events come first.
_REST = 2.0

log = structlog.get_logger(__name__)


class Marks(Protocol):
    """Which roll-ups are stale; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def mark(self, rollup: Rollup, *, later: bool = False) -> None:
        """Mark one."""

    async def due(self, collection: str, now_ms: int) -> list[Mark]:
        """Return some that are stale."""

    async def settled(self, mark: Mark) -> None:
        """Take a mark away, unless it was set again."""


class RollupStore(Protocol):
    """Where roll-ups are kept."""

    async def make_anew(self, rollup: Rollup) -> bool:
        """Make one from its parts; false: somebody else did, do it again."""


class UsageRollups:
    """Makes roll-ups anew; several processes that do so at once do no harm."""

    def __init__(
        self, marks: Marks, store: RollupStore, adopt_earlier: Callable[[], Awaitable[None]]
    ) -> None:
        self._marks = marks
        self._store = store
        self._adopt_earlier = adopt_earlier

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep until cancelled or ``stopping``."""
        adopted = False
        while not stopping.is_set():
            began_at = time.monotonic()
            try:
                if not adopted:
                    await self._adopt_earlier()
                    adopted = True
                await self.sweep(time.time_ns() // 1_000_000)
            except (StoreUnavailable, StoreRefused, NotStorable) as error:
                log.warning("rollups_postponed", error=str(error))
            took_s = time.monotonic() - began_at
            with suppress(TimeoutError):
                async with asyncio.timeout(max(_PERIOD_S, _REST * took_s)):
                    await stopping.wait()

    async def sweep(self, now_ms: int) -> int:
        """Make what is due anew: minutes first, which make their hours stale; return how many."""
        made = 0
        for collection in (USAGE_MINUTES, USAGE_HOURS, USAGE_TOTALS):
            marks = await self._marks.due(collection, now_ms)
            for mark in marks:
                await self._make_anew(mark)
            made += len(marks)
            # What the minutes have made stale is due now.
            now_ms = max(now_ms, time.time_ns() // 1_000_000)
        return made

    async def _make_anew(self, mark: Mark) -> None:
        if not await self._store.make_anew(mark.rollup):
            # The mark stays: the next sweep tries again.
            return
        # Then what it is a part of, and only then the mark: whoever comes after a crash between
        # two of these begins from the mark again.
        if mark.rollup.collection == USAGE_MINUTES:
            await self._marks.mark(hour_of(mark.rollup))
        elif mark.rollup.collection == USAGE_HOURS:
            await self._marks.mark(all_users_of(mark.rollup))
        await self._marks.settled(mark)
