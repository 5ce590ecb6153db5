"""Keep the roll-ups of usage up to date: again and again make anew what is stale.

Beside the events, so that many replies of one minute cost one roll-up and not one each.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from analytics.errors import NotStorable, StoreRefused, StoreUnavailable
from analytics.stale_rollups import Mark, Rollup, all_users_of, hour_of
from schemas.documents import USAGE_HOURS, USAGE_MINUTES, USAGE_TOTALS

# Between two sweeps.
_PERIOD_S = 2.0
# The embedded store serves nothing else while it reads the parts of some, and events come first:
# so many are made together as take this long. More would cost fewer requests, of which a bunch
# needs five or six however small it is.
_BUNCH_S = 0.15
_SMALLEST_BUNCH, _LARGEST_BUNCH = 10, 25
# Of the time that these took, for others to use the store.
_REST = 2.0
_PARENT = {USAGE_MINUTES: hour_of, USAGE_HOURS: all_users_of}

log = structlog.get_logger(__name__)


class Marks(Protocol):
    """Which roll-ups are stale; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def mark(self, rollups: Iterable[Rollup], *, later: bool = False) -> None:
        """Mark some."""

    async def due(self, collection: str, now_ms: int) -> list[Mark]:
        """Return some that are stale."""

    async def settled(self, marks: Iterable[Mark]) -> None:
        """Take marks away that were not set again."""

    async def postpone(self, marks: Iterable[Mark]) -> None:
        """Have marks come again later."""


class RollupStore(Protocol):
    """Where roll-ups are kept."""

    async def make_anew(self, rollups: Sequence[Rollup]) -> set[Rollup]:
        """Make some of one collection from their parts; return those that are made."""


class UsageRollups:
    """Makes roll-ups anew; several processes that do so at once do no harm.

    ``on_failed`` is told of each roll-up that the store does not take.
    """

    def __init__(
        self,
        marks: Marks,
        store: RollupStore,
        adopt_earlier: Callable[[], Awaitable[None]],
        on_failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._marks = marks
        self._store = store
        self._adopt_earlier = adopt_earlier
        self._on_failed = on_failed
        self._bunch = _LARGEST_BUNCH

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep until cancelled or ``stopping``."""
        adopted = False
        while not stopping.is_set():
            try:
                if not adopted:
                    await self._adopt_earlier()
                    adopted = True
                await self.sweep(time.time_ns() // 1_000_000)
            except (StoreUnavailable, StoreRefused, NotStorable) as error:
                log.warning("rollups_postponed", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(_PERIOD_S):
                    await stopping.wait()

    async def sweep(self, now_ms: int) -> int:
        """Make what is due anew: minutes first, which make their hours stale; return how many."""
        made = 0
        for collection in (USAGE_MINUTES, USAGE_HOURS, USAGE_TOTALS):
            marks = await self._marks.due(collection, now_ms)
            made += len(marks)
            while marks:
                bunch, marks = marks[: self._bunch], marks[self._bunch :]
                took_s = await self._make_timed(bunch)
                await asyncio.sleep(_REST * took_s)
            # What the minutes have made stale is due now.
            now_ms = max(now_ms, time.time_ns() // 1_000_000)
        return made

    async def _make_timed(self, bunch: Sequence[Mark]) -> float:
        """Make a bunch anew, and have the next one's size follow from the seconds it took."""
        began_at = time.monotonic()
        # If it fails: a store that gives no answer in time may give one for fewer.
        self._bunch = max(1, len(bunch) // 2)
        await self._make_all_that_can_be(bunch)
        took_s = time.monotonic() - began_at
        fitting = round(len(bunch) * _BUNCH_S / max(took_s, 1e-3))
        self._bunch = max(_SMALLEST_BUNCH, min(_LARGEST_BUNCH, fitting))
        return took_s

    async def _make_all_that_can_be(self, marks: Sequence[Mark]) -> None:
        """Make a bunch anew; one that cannot be made holds up nobody else's."""
        try:
            await self._make_anew(marks)
        except (StoreRefused, NotStorable) as error:
            half = len(marks) // 2
            if half:
                await self._make_all_that_can_be(marks[:half])
                await self._make_all_that_can_be(marks[half:])
                return
            rollup = marks[0].rollup
            log.error(
                "rollup_failed",
                collection=rollup.collection,
                rollup=rollup.key,
                error=str(error),
            )
            self._on_failed()
            await self._marks.postpone(marks)

    async def _make_anew(self, marks: Sequence[Mark]) -> None:
        made = await self._store.make_anew(list(dict.fromkeys(mark.rollup for mark in marks)))
        # Then what they are a part of, and only then the marks: whoever comes after a crash between
        # two of these begins from the marks again. Those that were not made stay marked.
        await self._marks.mark(
            dict.fromkeys(_PARENT[one.collection](one) for one in made if one.collection in _PARENT)
        )
        await self._marks.settled([mark for mark in marks if mark.rollup in made])
