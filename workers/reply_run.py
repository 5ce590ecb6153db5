"""Run one reply while this worker holds its prompt: claim it, attempt it, report its end.

A prompt in hand is never forgotten: it is acknowledged after the reply's end was reported, given
back, or left to the worker whose delivery is later. If a later delivery came here meanwhile, the
reply is claimed again.
"""

import asyncio

import structlog
from nats.aio.msg import Msg

from schemas.ending import finished_event, finished_from_log, usage_of
from schemas.events import PromptSubmitted, ReplyFinished
from schemas.frames import End
from workers.aftermath import read_lost_reply
from workers.attempt_run import AttemptRun, Interrupt
from workers.claiming import Claimed, Yielded
from workers.completion import now_ms
from workers.errors import Superseded
from workers.tools import Tools

log = structlog.get_logger(__name__)


class PromptInHand:
    """A prompt's latest delivery to this worker.

    An attempt gives the prompt back through this and not through its run, which holds the attempt:
    in a circle of objects each reply would stay until Python looks for garbage, and then all
    replies would wait.
    """

    def __init__(self, delivery: Msg) -> None:
        self.delivery = delivery

    async def give_back(self) -> None:
        """Let the broker deliver the prompt to another worker."""
        await self.delivery.nak()


class ReplyRun:
    """One prompt in hand and its reply.

    ``result`` is the end once it was reported; ``held_s`` is how long the attempt that completed
    the reply took from its claim on, and ``None`` while it has not.
    """

    def __init__(self, prompt: PromptSubmitted, delivery: Msg, tools: Tools) -> None:
        self.prompt = prompt
        self.reply_id = prompt.reply_id
        self.result: ReplyFinished | None = None
        self.held_s: float | None = None
        self._in_hand = PromptInHand(delivery)
        self._tools = tools
        self._stopping: Interrupt | None = None
        self._made_before = 0
        self._attempt = self._new_attempt()

    @property
    def delivery(self) -> Msg:
        """The latest delivery of the prompt to this worker."""
        return self._in_hand.delivery

    @property
    def finished(self) -> bool:
        """Whether the reply's end was reported."""
        return self.result is not None

    @property
    def tokens_made(self) -> int:
        """Tokens that were made here, in all attempts."""
        return self._made_before + self._attempt.meter.tokens_made

    @property
    def in_engine(self) -> bool:
        """Whether the engine may be working on the reply."""
        return self._attempt.in_engine

    def adopt(self, delivery: Msg) -> None:
        """Take over a redelivery of the same prompt."""
        self._in_hand.delivery = delivery

    def stop(self, reason: Interrupt) -> None:
        """Stop generating for good, also in a later attempt."""
        self._stopping = self._stopping or reason
        self._attempt.interrupt(reason)

    def notice(self, fence: int) -> None:
        """Hear that the register has reached sequence ``fence``."""
        self._attempt.notice(fence)

    def doubt(self) -> None:
        """Hear that frames may have been lost on the way to the log."""
        self._attempt.doubt()

    async def free_slot(self) -> None:
        """Stop because the reply was cancelled; return once its engine slot is free.

        The run itself goes on: it sees to it that the reply has its end.
        """
        self.stop(Interrupt.CANCELLED)
        await self._attempt.free_slot()

    async def run(self) -> None:
        """Run the reply as far as this worker can.

        Raises ``EngineDied``: then call ``hand_over`` once no prompt comes in any more.
        """
        while True:
            delivery = self.delivery
            if await self._try(delivery.metadata.num_delivered) or self.delivery is delivery:
                return
            # The worker that we lost the reply to has lost its delivery, to us.
            log.info("reply_claimed_again")
            self._made_before = self.tokens_made
            self._attempt = self._new_attempt()

    async def hand_over(self) -> None:
        """Give the prompt back after the engine has died."""
        await self._attempt.hand_over(Interrupt.ENGINE_DIED)

    async def _try(self, deliveries: int) -> bool:
        """Claim and attempt the reply once; false if it was left to another worker."""
        attempt = self._attempt
        began_at = asyncio.get_running_loop().time()
        try:
            if deliveries == 1:
                attempt.begin_early()
            claim = await self._tools.claimant.claim(self.reply_id, deliveries)
            if isinstance(claim, Yielded):
                log.info("reply_yielded")
                return False
            if isinstance(claim, Claimed):
                end = await attempt.run(claim)
                if end is not None:
                    if end.status == "completed":
                        # A prompt that was refused at once says nothing of how long others take.
                        self.held_s = asyncio.get_running_loop().time() - began_at
                    await self._report_own(end)
                return True
        except Superseded:
            pass
        finally:
            await attempt.free_slot()
        return await self._report_other(attempt)

    async def _report_own(self, end: End) -> None:
        writer = self._attempt.writer
        if end.timings is None or writer is None:
            raise ValueError("an end of our own has timings")
        event = finished_event(
            self.prompt,
            end,
            writer.draft.text,
            usage=usage_of(end, writer.draft.tokens),
            timings=end.timings,
            attempts=writer.draft.n,
            worker=self._tools.worker,
            finished_at_ms=now_ms(),
            inter_token_ms=self._attempt.meter.inter_token_ms,
        )
        await self._report(event)

    async def _report_other(self, attempt: AttemptRun) -> bool:
        """Report a reply that has its end already; leave one that another worker runs alone."""
        stored = await read_lost_reply(self._tools.log, self.reply_id)
        event = None if stored is None else finished_from_log(self.prompt, stored)
        if event is None:
            log.info("reply_lost_to_another_worker")
            await attempt.say_alive()
            return False
        await self._report(event)
        return True

    async def _report(self, event: ReplyFinished) -> None:
        await self._tools.completion.finish(self.prompt, event, lambda: self.delivery)
        self.result = event
        log.info(
            "reply_finished",
            status=event.status,
            attempts=event.attempts,
            completion_tokens=event.usage.completion_tokens,
            total_ms=event.timings.total_ms,
            error=event.error.code if event.error else None,
        )

    def _new_attempt(self) -> AttemptRun:
        stored_at_ms = int(self.delivery.metadata.timestamp.timestamp() * 1000)
        attempt = AttemptRun(self.prompt, stored_at_ms, self._tools, self._in_hand.give_back)
        if self._stopping is not None:
            attempt.interrupt(self._stopping)
        return attempt
