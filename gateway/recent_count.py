"""Keep a count that the broker knows: asked now and then, with what was added here in between."""

import asyncio
import math
from typing import Protocol

_IDLE_AFTER_S = 10.0


class Ask(Protocol):
    """Asks the broker."""

    async def __call__(self, *, sure: bool) -> int:
        """Return the count; when it must be ``sure``, it may take longer to find out."""


class RecentCount:
    """``total`` is at least what was true when it was measured, plus everything added here since.

    An addition that falls into a measurement may be counted twice, until the next one.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._clock = asyncio.get_running_loop().time
        self._measured = 0
        self._measured_at = -math.inf
        self._was_sure = False
        self._added = 0
        self._held = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def total(self) -> int:
        """The count, with what is about to be added."""
        return self._measured + self._added + self._held

    @property
    def is_idle(self) -> bool:
        """Whether it can be forgotten: it is old, and nothing is about to be added."""
        return self._held == 0 and self._running is None and self.is_older_than(_IDLE_AFTER_S)

    def is_older_than(self, age_s: float) -> bool:
        """Tell whether the latest measurement is older."""
        return self._clock() - self._measured_at > age_s

    def begin(self) -> None:
        """Begin to measure, without waiting for it."""
        if self._running is None:
            self._start(sure=False)

    async def measure(self, max_age_s: float, *, sure: bool = False) -> None:
        """Return once the latest measurement is recent enough; raises what measuring raises."""
        not_before = self._clock() - max_age_s
        while self._measured_at < not_before or (sure and not self._was_sure):
            # Others wait for it too, also when this caller goes away.
            await asyncio.shield(self._running or self._start(sure=sure))

    def hold(self) -> None:
        """Count one that is about to be added."""
        self._held += 1

    def let_go(self, *, added: bool) -> None:
        """Say what became of one that was held."""
        self._held -= 1
        if added:
            self._added += 1

    @property
    def _running(self) -> asyncio.Task[None] | None:
        """The measurement under way.

        One that has ended is none, even before the loop has told anybody: to wait for it would
        return at once, and a loop of such waits lets nobody else run.
        """
        return None if self._task is None or self._task.done() else self._task

    def _start(self, *, sure: bool) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._run(sure=sure), name="measure-count")
        self._task.add_done_callback(_note_failure)
        return self._task

    async def _run(self, *, sure: bool) -> None:
        asked_at, before = self._clock(), self._added
        self._measured = await self._ask(sure=sure)
        self._measured_at, self._was_sure = asked_at, sure
        # Later ones may be in the answer or not.
        self._added -= before


def _note_failure(task: asyncio.Task[None]) -> None:
    """Take the exception: those who wait have it, and nobody may be waiting."""
    if not task.cancelled():
        task.exception()
