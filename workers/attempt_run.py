"""Run one attempt at a reply until its end is written or something interrupts it.

Everything that is done here can be done again by another worker, so it may stop anywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Literal

import structlog
from nats.errors import Error as NatsError

from schemas.events import PromptSubmitted
from schemas.frames import End
from workers.claiming import Claimed
from workers.completion import now_ms
from workers.errors import Superseded
from workers.generating import Generating
from workers.outcome import Outcome, out_of_time
from workers.reply_writer import ReplyWriter
from workers.tools import Tools

# A worker that hands a reply over has this long to bring its last tokens into the log.
_HAND_OVER_S = 2.0

log = structlog.get_logger(__name__)


class Interrupt(Enum):
    """Why an attempt stops generating before its end."""

    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    OUT_OF_TIME = "out_of_time"
    HAND_OVER = "hand_over"
    # A hand-over too, but nobody can say that a prompt without a token is innocent of it.
    ENGINE_DIED = "engine_died"


class AttemptRun:
    """One attempt; ``stored_at_ms`` is when the broker stored the prompt.

    ``give_back`` returns the prompt to the broker, for another worker to go on with it.
    """

    def __init__(
        self,
        prompt: PromptSubmitted,
        stored_at_ms: int,
        tools: Tools,
        give_back: Callable[[], Awaitable[None]],
    ) -> None:
        self._generating = Generating(prompt, stored_at_ms, tools)
        self.meter = self._generating.meter
        self._tools = tools
        self._give_back = give_back
        self._claimed: Claimed | None = None
        self._newest_fence = 0
        self._task: asyncio.Task[Outcome] | None = None
        self._freeing: asyncio.Task[None] | None = None
        self._interrupt: asyncio.Future[Interrupt] = asyncio.get_running_loop().create_future()

    @property
    def writer(self) -> ReplyWriter | None:
        """What this attempt has written, once it has begun to."""
        return self._generating.writer

    @property
    def in_engine(self) -> bool:
        """Whether the engine may be working on this attempt."""
        return self._generating.in_engine

    def interrupt(self, reason: Interrupt) -> None:
        """Ask the attempt to stop generating."""
        if not self._interrupt.done():
            self._interrupt.set_result(reason)

    def notice(self, fence: int) -> None:
        """Hear that the register has reached sequence ``fence``."""
        self._newest_fence = max(self._newest_fence, fence)
        if self._claimed is not None and self._newest_fence > self._claimed.fence:
            self.interrupt(Interrupt.SUPERSEDED)

    def doubt(self) -> None:
        """Hear that frames may have been lost on the way to the log."""
        if self.writer is not None:
            self.writer.doubt()

    def begin_early(self) -> None:
        """Begin a first attempt's engine request while the claim is on its way."""
        if not self._interrupt.done():
            self._generating.begin_early()

    async def free_slot(self) -> None:
        """Stop the engine and return once its slot is free; interrupt the attempt before."""
        if self._freeing is None:
            if self._is_over():
                # Tasks and waits would let the reply's end wait behind those of other replies,
                # again and again, where many end in the same moment.
                await self._generating.close()
                return
            # Once, and in a task of its own: an abort that is cut short leaves the slot taken.
            self._freeing = asyncio.create_task(self._free_slot())
        await asyncio.wait({self._freeing})

    async def run(self, claimed: Claimed) -> End | None:
        """Return the end that this attempt wrote, or ``None`` after the prompt was given back.

        Raises ``Superseded`` when the last word is somebody else's, and ``EngineDied``: then
        ``hand_over`` is still to be called.
        """
        self._claimed = claimed
        # A newer claim may have been announced before we knew the sequence of our own.
        self.notice(claimed.fence)
        self.meter.take_over(claimed.earlier)
        outcome = await self._until_interrupted(claimed)
        return None if outcome is None else await self._end(claimed, outcome)

    async def hand_over(self, reason: Interrupt) -> None:
        """Bring the last tokens into the log and give the prompt back at once."""
        writer = self.writer
        try:
            async with asyncio.timeout(_HAND_OVER_S):
                if writer is not None:
                    await writer.settle()
                if reason is Interrupt.HAND_OVER:
                    await self._note_if_nothing_made("handed_over")
            await self._give_back()
        except (TimeoutError, NatsError, Superseded) as error:
            # The next worker goes on from what the log holds, after ack_wait at the latest.
            log.warning("hand_over_incomplete", error=repr(error))
        else:
            log.info("reply_handed_over", tokens=writer.draft.tokens if writer else 0)

    async def say_alive(self) -> None:
        """Say in the log, after losing the reply, that the prompt did not kill this worker."""
        await self._note_if_nothing_made("alive")

    async def _until_interrupted(self, claimed: Claimed) -> Outcome | None:
        if not self._interrupt.done():
            self._task = task = asyncio.create_task(self._generating.run(claimed))
            try:
                await self._wait_for(task)
            finally:
                await self.free_slot()
            if not task.cancelled():
                return task.result()
        return await self._interrupted(self._interrupt.result())

    async def _wait_for(self, task: asyncio.Task[Outcome]) -> None:
        time_left_ms = self.meter.began_at_ms + self._tools.max_run_ms - now_ms()
        either: set[asyncio.Future[Any]] = {task, self._interrupt}
        await asyncio.wait(
            either, timeout=max(0, time_left_ms) / 1000, return_when=asyncio.FIRST_COMPLETED
        )
        if not task.done():
            self.interrupt(Interrupt.OUT_OF_TIME)

    async def _interrupted(self, reason: Interrupt) -> Outcome | None:
        """Return the outcome, or ``None`` after the prompt was given back."""
        await self.free_slot()
        log.info("reply_interrupted", reason=reason.value)
        if reason in (Interrupt.SUPERSEDED, Interrupt.CANCELLED):
            raise Superseded
        if reason is Interrupt.OUT_OF_TIME:
            return out_of_time()
        await self.hand_over(reason)
        return None

    def _is_over(self) -> bool:
        """Tell whether nothing generates and the engine has nothing of it left."""
        return not self.in_engine and (self._task is None or self._task.done())

    async def _free_slot(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._generating.close()

    async def _end(self, claimed: Claimed, outcome: Outcome) -> End:
        writer = await self._generating.open_writer(claimed)

        def make_end(tokens: int) -> End:
            return End(
                n=writer.draft.n,
                tokens=tokens,
                status=outcome.status,
                finish_reason=outcome.finish,
                usage=self.meter.usage(tokens),
                timings=self.meter.timings(now_ms()),
                error=outcome.failure,
            )

        end = await writer.end(make_end)
        if end.n != writer.draft.n:
            # A canceller's or a later attempt's: the log's text counts, not our draft.
            raise Superseded
        return end

    async def _note_if_nothing_made(self, what: Literal["alive", "handed_over"]) -> None:
        if self._claimed is not None and self._generating.made_nothing:
            await self._generating.note(self._claimed, what)
