"""Run one reply on this worker: claim it, generate, end it, report it.

A run can be interrupted while it generates: a newer claim exists, the worker drains, or the reply
is out of time. Everything it does can be repeated by a redelivery, so it may stop anywhere.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from enum import Enum
from typing import Any, NamedTuple

import structlog
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.events import PromptSubmitted
from schemas.fold import FoldedReply
from schemas.frames import End
from schemas.reply_log import ReplyLog
from workers.aftermath import read_lost_reply
from workers.claiming import NOTHING_EARLIER, Claimant, Claimed, Yielded
from workers.completion import Completion, finished_event, now_ms
from workers.delta_publisher import DeltaPublisher
from workers.engines.port import Engine, Generation, Piece
from workers.errors import EngineDied, EngineError, Superseded
from workers.generation import settled_pieces
from workers.outcome import Outcome, failed, out_of_time, refusal, tokens_left
from workers.reply_meter import ReplyMeter
from workers.reply_writer import ReplyWriter

# A worker that hands a reply over has this long to bring its last tokens into the log.
_HAND_OVER_S = 2.0

log = structlog.get_logger(__name__)


class Interrupt(Enum):
    """Why a run stops generating before its end."""

    SUPERSEDED = "superseded"
    HAND_OVER = "hand_over"
    OUT_OF_TIME = "out_of_time"


class Tools(NamedTuple):
    """What every run of a worker shares."""

    worker: str
    engine: Engine
    log: ReplyLog
    claimant: Claimant
    publisher: DeltaPublisher
    completion: Completion
    # A running reply ends after this time, before its own first frames expire from the log.
    max_run_ms: int


class Begun(NamedTuple):
    """What the engine makes: the first piece, and the rest as it comes."""

    first: Piece
    rest: AsyncGenerator[Piece, None]


class ReplyRun:
    """One reply while this worker holds its prompt."""

    def __init__(self, prompt: PromptSubmitted, delivery: Msg, tools: Tools) -> None:
        self.prompt = prompt
        self.reply_id = prompt.reply_id
        self.delivery = delivery
        self.meter = ReplyMeter(prompt.submitted_at_ms, now_ms())
        self._tools = tools
        self._writer: ReplyWriter | None = None
        self._fence = self._newest_fence = 0
        # A first delivery is nearly always ours: the engine begins while the claim is on its way.
        # Nothing is written before the claim and the marker are stored.
        self._head_start: asyncio.Task[Begun | Outcome] | None = None
        self._interrupt: asyncio.Future[Interrupt] = asyncio.get_running_loop().create_future()

    def adopt(self, delivery: Msg) -> None:
        """Take over a redelivery of the same prompt: only the newest can be acknowledged."""
        self.delivery = delivery

    def interrupt(self, reason: Interrupt) -> None:
        """Ask the run to stop generating."""
        if not self._interrupt.done():
            self._interrupt.set_result(reason)

    def notice(self, fence: int) -> None:
        """Hear that the register has reached sequence ``fence``."""
        self._newest_fence = max(self._newest_fence, fence)
        if self._fence and self._newest_fence > self._fence:
            self.interrupt(Interrupt.SUPERSEDED)

    def doubt(self) -> None:
        """Hear that frames may have been lost on the way to the log."""
        if self._writer is not None:
            self._writer.doubt()

    async def run(self) -> None:
        """Run the reply as far as this worker can; raises ``EngineDied``."""
        deliveries = self.delivery.metadata.num_delivered
        if deliveries == 1 and self._refusal(1, 0) is None:
            self._head_start = asyncio.create_task(self._begin(1, NOTHING_EARLIER.prefix))
        try:
            claim = await self._tools.claimant.claim(self.reply_id, deliveries)
            if isinstance(claim, Claimed):
                await self._run_claimed(claim)
            elif isinstance(claim, Yielded):
                log.info("reply_yielded")
            else:
                await self._after_losing()
        finally:
            await self._drop_head_start()

    async def _run_claimed(self, claimed: Claimed) -> None:
        self._fence = claimed.fence
        # A newer claim may have been announced before we knew the sequence of our own.
        self.notice(claimed.fence)
        prefix = claimed.earlier.prefix
        log.debug("reply_claimed", n=claimed.n, prefix_tokens=prefix.state.tokens)
        if prefix.end is not None:
            await self._after_losing()
            return
        self.meter.take_over(claimed.earlier)
        tools = self._tools
        self._writer = writer = ReplyWriter(self.reply_id, claimed, tools.log, tools.publisher)
        try:
            outcome = await self._generate_until_interrupted(claimed, writer)
            if outcome is not None:
                await self._end(writer, outcome)
        except Superseded:
            await self._after_losing()
        except EngineDied:
            await self._hand_over(writer)
            raise

    async def _generate_until_interrupted(
        self, claimed: Claimed, writer: ReplyWriter
    ) -> Outcome | None:
        """Return how it ended, or ``None`` when the reply was left to another worker."""
        time_left_ms = self.meter.began_at_ms + self._tools.max_run_ms - now_ms()
        timer = asyncio.get_running_loop().call_later(
            max(0, time_left_ms) / 1000, self.interrupt, Interrupt.OUT_OF_TIME
        )
        generating = asyncio.create_task(self._generate(claimed, writer))
        try:
            either: set[asyncio.Future[Any]] = {generating, self._interrupt}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if generating.done():
                return generating.result()
        finally:
            timer.cancel()
            generating.cancel()
            await asyncio.wait({generating})
        return await self._interrupted(self._interrupt.result(), writer)

    async def _interrupted(self, reason: Interrupt, writer: ReplyWriter) -> Outcome | None:
        log.info("reply_interrupted", reason=reason.value, tokens=writer.draft.tokens)
        if reason is Interrupt.SUPERSEDED:
            raise Superseded
        if reason is Interrupt.HAND_OVER:
            await self._hand_over(writer)
            return None
        return out_of_time()

    async def _generate(self, claimed: Claimed, writer: ReplyWriter) -> Outcome:
        """Generate while the marker is on its way to the log; nothing is written before it."""
        opening = asyncio.create_task(writer.open(self._tools.worker))
        try:
            outcome = await self._generate_after(opening, claimed, writer)
            await opening
            return outcome
        finally:
            opening.cancel()

    async def _generate_after(
        self, opening: asyncio.Task[None], claimed: Claimed, writer: ReplyWriter
    ) -> Outcome:
        refused = self._refusal(claimed.n, claimed.earlier.fruitless)
        if refused is not None:
            return refused
        try:
            begun = await self._begun(claimed)
            if isinstance(begun, Outcome):
                return begun
            return await self._stream(begun, opening, writer)
        except EngineError as error:
            return failed(error.code, str(error))

    def _refusal(self, n: int, fruitless: int) -> Outcome | None:
        return refusal(
            self.prompt,
            n,
            fruitless,
            now_ms=now_ms(),
            stored_at_ms=int(self.delivery.metadata.timestamp.timestamp() * 1000),
            max_run_ms=self._tools.max_run_ms,
        )

    async def _begun(self, claimed: Claimed) -> Begun | Outcome:
        head_start, self._head_start = self._head_start, None
        if head_start is None:
            return await self._begin(claimed.n, claimed.earlier.prefix)
        if claimed.n == 1:
            return await head_start
        self._head_start = head_start
        await self._drop_head_start()
        return await self._begin(claimed.n, claimed.earlier.prefix)

    async def _begin(self, n: int, prefix: FoldedReply) -> Begun | Outcome:
        """Start the engine and wait for its first piece, if anything is left to generate."""
        tools, prompt = self._tools, self.prompt
        prompt_ids = await tools.engine.tokenize(prompt.messages)
        self.meter.prompt(len(prompt_ids))
        max_tokens = tokens_left(prompt.sampling, tools.engine, len(prompt_ids), prefix)
        if isinstance(max_tokens, Outcome):
            return max_tokens
        request_id = f"{self.reply_id}.{n}"
        generation = Generation(
            request_id, prompt.messages, prompt_ids, prefix.token_ids, max_tokens, prompt.sampling
        )
        pieces = settled_pieces(tools.engine, generation, before=prefix.text)
        return Begun(await anext(pieces), pieces)

    async def _stream(
        self, begun: Begun, opening: asyncio.Task[None], writer: ReplyWriter
    ) -> Outcome:
        piece, rest = begun
        async with contextlib.aclosing(rest):
            while True:
                self.meter.made(len(piece.tokens), piece.cached_tokens, now_ms())
                if piece.tokens:
                    await opening
                    await writer.write(piece)
                if piece.finish is not None:
                    return Outcome("completed", piece.finish)
                piece = await anext(rest)

    async def _drop_head_start(self) -> None:
        """Free the slot of a head start that nobody took."""
        head_start, self._head_start = self._head_start, None
        if head_start is None:
            return
        head_start.cancel()
        await asyncio.wait({head_start})
        if not head_start.cancelled() and head_start.exception() is None:
            begun = head_start.result()
            if isinstance(begun, Begun):
                await begun.rest.aclose()

    async def _end(self, writer: ReplyWriter, outcome: Outcome) -> None:
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
            await self._after_losing()
        else:
            await self._report(end, writer.draft.text, writer.draft.n)

    async def _after_losing(self) -> None:
        """Report a reply that has its end already; leave one that another worker runs alone."""
        folded = await read_lost_reply(self._tools.log, self.reply_id)
        if folded is None or folded.end is None:
            log.info("reply_lost_to_another_worker")
            return
        end = folded.end
        if end.usage is None:
            await self._count_prompt()
            usage = self.meter.usage(folded.state.tokens)
            end = replace(end, usage=usage, timings=self.meter.timings(now_ms()))
        await self._report(end, folded.text, folded.state.n)

    async def _count_prompt(self) -> None:
        try:
            self.meter.prompt(len(await self._tools.engine.tokenize(self.prompt.messages)))
        except EngineError as error:
            log.warning("prompt_not_counted", error=str(error))

    async def _report(self, end: End, text: str, attempts: int) -> None:
        event = finished_event(
            self.prompt,
            end,
            text,
            attempts=attempts,
            worker=self._tools.worker,
            finished_at_ms=now_ms(),
        )
        await self._tools.completion.finish(event, self.delivery)
        log.info(
            "reply_finished",
            status=end.status,
            attempts=attempts,
            completion_tokens=event.usage.completion_tokens,
            total_ms=event.timings.total_ms,
            error=end.error.code if end.error else None,
        )

    async def _hand_over(self, writer: ReplyWriter) -> None:
        """Bring the last tokens into the log and give the prompt back at once."""
        try:
            async with asyncio.timeout(_HAND_OVER_S):
                await writer.settle()
            await self.delivery.nak()
        except (TimeoutError, NatsError, Superseded) as error:
            # The next worker goes on from what the log holds, after ack_wait at the latest.
            log.warning("hand_over_incomplete", error=repr(error))
        else:
            log.info("reply_handed_over", tokens=writer.draft.tokens)
