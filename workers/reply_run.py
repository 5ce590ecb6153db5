"""Run one reply on this worker: claim it, generate, end it, report it.

A run can be interrupted while it generates: a newer claim exists, the worker drains, or the reply
is out of time. Everything it does can be repeated by a redelivery, so it may stop anywhere.
"""

import asyncio
from enum import Enum
from typing import Any, NamedTuple

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.errors import ErrorCode
from schemas.events import Failure, FinishReason, PromptSubmitted, Status, Timings, Usage
from schemas.fold import FoldedReply, fold_all
from schemas.frames import End
from schemas.reply_log import FenceLost, LogUnavailable, ReplyLog
from workers.claiming import CancelFound, Claimant, Claimed
from workers.completion import Completion, finished_event, now_ms
from workers.delta_publisher import DeltaPublisher
from workers.engines.port import Engine, Generation
from workers.errors import EngineDied, EngineError, PromptRejected, Superseded
from workers.generation import settled_pieces
from workers.reply_writer import ReplyWriter

# A worker that hands a reply over has this long to bring its last tokens into the log.
_HAND_OVER_S = 2.0
# So many attempts in a row that added nothing: the prompt, not the workers, is at fault.
_MAX_FRUITLESS = 10
_RETRY_S = 0.1

log = structlog.get_logger(__name__)


class Interrupt(Enum):
    """Why a run stops generating before its end."""

    SUPERSEDED = "superseded"
    HAND_OVER = "hand_over"
    OUT_OF_TIME = "out_of_time"


class Outcome(NamedTuple):
    """How generating ended."""

    status: Status
    finish: FinishReason | None = None
    failure: Failure | None = None


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


class ReplyRun:
    """One reply while this worker holds its prompt."""

    def __init__(self, prompt: PromptSubmitted, delivery: Msg, tools: Tools) -> None:
        self.prompt = prompt
        self.reply_id = prompt.reply_id
        self.delivery = delivery
        self.tokens_made = 0
        self._tools = tools
        self._writer: ReplyWriter | None = None
        self._fence = 0
        self._interrupt: asyncio.Future[Interrupt] = asyncio.get_running_loop().create_future()
        self._prompt_ids: list[int] = []
        self._cached_tokens = 0
        self._first_token_at_ms: int | None = None
        self._began_at_ms = now_ms()

    def adopt(self, delivery: Msg) -> None:
        """Take over a redelivery of the same prompt: only the newest can be acknowledged."""
        self.delivery = delivery

    def interrupt(self, reason: Interrupt) -> None:
        """Ask the run to stop generating."""
        if not self._interrupt.done():
            self._interrupt.set_result(reason)

    def notice(self, fence: int) -> None:
        """Hear that the register has reached sequence ``fence``."""
        if self._fence and fence > self._fence:
            self.interrupt(Interrupt.SUPERSEDED)

    def doubt(self) -> None:
        """Hear that frames may have been lost on the way to the log."""
        if self._writer is not None:
            self._writer.doubt()

    async def run(self) -> None:
        """Run the reply as far as this worker can; raises ``EngineDied``."""
        claim = await self._tools.claimant.claim(
            self.reply_id, self.delivery.metadata.num_delivered
        )
        if isinstance(claim, Claimed):
            await self._run_claimed(claim)
        elif isinstance(claim, CancelFound):
            await self._after_losing()
        else:
            log.info("reply_yielded")

    async def _run_claimed(self, claimed: Claimed) -> None:
        self._fence = claimed.fence
        earlier = claimed.earlier
        log.info("reply_claimed", n=claimed.n, prefix_tokens=earlier.prefix.state.tokens)
        if earlier.prefix.end is not None:
            await self._report(earlier.prefix.end, earlier.prefix.text, claimed.n - 1)
            return
        if earlier.first_frame_at_ms is not None:
            self._began_at_ms = earlier.first_frame_at_ms
        self._first_token_at_ms = earlier.first_token_at_ms
        self._writer = writer = ReplyWriter(
            self.reply_id, claimed, self._tools.log, self._tools.publisher
        )
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
        timer = asyncio.get_running_loop().call_later(
            max(0, self._began_at_ms + self._tools.max_run_ms - now_ms()) / 1000,
            self.interrupt,
            Interrupt.OUT_OF_TIME,
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
        return _failed(ErrorCode.DEADLINE, "The reply took longer than the token log is kept.")

    async def _generate(self, claimed: Claimed, writer: ReplyWriter) -> Outcome:
        refusal = self._refusal(claimed)
        if refusal is not None:
            return refusal
        try:
            return await self._stream(claimed, writer)
        except EngineError as error:
            return _failed(error.code, str(error))

    def _refusal(self, claimed: Claimed) -> Outcome | None:
        """Return why this prompt must not be generated, if so."""
        now = now_ms()
        stored_at_ms = int(self.delivery.metadata.timestamp.timestamp() * 1000)
        never_began = claimed.n == 1 and now > self.prompt.deadline_ms
        if never_began or now - stored_at_ms > self._tools.max_run_ms:
            return _failed(
                ErrorCode.DEADLINE, "No worker was free to begin the reply in time; ask again."
            )
        if claimed.earlier.fruitless >= _MAX_FRUITLESS:
            return _failed(
                ErrorCode.POISON, f"{_MAX_FRUITLESS} workers in a row failed on this prompt."
            )
        return None

    async def _stream(self, claimed: Claimed, writer: ReplyWriter) -> Outcome:
        engine, prompt, prefix = self._tools.engine, self.prompt, claimed.earlier.prefix
        self._prompt_ids = await engine.tokenize(prompt.messages)
        room = engine.max_model_len - len(self._prompt_ids)
        if room < 1:
            raise _TooLong(len(self._prompt_ids), engine.max_model_len)
        limit = prompt.sampling.max_tokens or engine.default_max_tokens() or room
        max_tokens = min(limit, room) - prefix.state.tokens
        finish = prefix.state.finish or ("length" if max_tokens < 1 else None)
        if finish is not None:
            return Outcome("completed", finish)
        generation = Generation(
            f"{self.reply_id}.{claimed.n}",
            prompt.messages,
            self._prompt_ids,
            prefix.token_ids,
            max_tokens,
            prompt.sampling,
        )
        async for piece in settled_pieces(engine, generation, before=prefix.text):
            if self._first_token_at_ms is None:
                self._first_token_at_ms = now_ms()
            self._cached_tokens = self._cached_tokens or piece.cached_tokens
            self.tokens_made += len(piece.tokens)
            await writer.write(piece)
            finish = piece.finish
        return Outcome("completed", finish)

    async def _end(self, writer: ReplyWriter, outcome: Outcome) -> None:
        def make_end(tokens: int) -> End:
            return End(
                n=writer.draft.n,
                tokens=tokens,
                status=outcome.status,
                finish_reason=outcome.finish,
                usage=self._usage(tokens),
                timings=self._timings(),
                error=outcome.failure,
            )

        end = await writer.end(make_end)
        await self._report(end, writer.draft.text, writer.draft.n)

    async def _report(self, end: End, text: str, attempts: int) -> None:
        event = finished_event(
            self.prompt,
            end,
            text,
            usage=end.usage or self._usage(0),
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

    async def _after_losing(self) -> None:
        """Complete a reply that is ended or cancelled; leave it alone if another worker runs it."""
        while True:
            try:
                folded = await self._fold_log()
                state = await self._tools.log.read_register(self.reply_id)
                if folded.end is None and state.claim is not None and state.claim.cancel:
                    cancelled = End(n=None, tokens=None, status="cancelled")
                    await self._tools.log.append_fenced(self.reply_id, cancelled, state.sequence)
                    folded = await self._fold_log()
            except (LogUnavailable, FenceLost):
                await asyncio.sleep(_RETRY_S)
                continue
            break
        if folded.end is None:
            log.info("reply_lost_to_another_worker")
            return
        if not self._prompt_ids:
            self._prompt_ids = await self._tools.engine.tokenize(self.prompt.messages)
        end = folded.end
        if end.usage is None:
            end = End(
                n=end.n,
                tokens=end.tokens,
                status=end.status,
                usage=self._usage(folded.state.tokens),
                timings=self._timings(),
            )
        await self._report(end, folded.text, folded.state.n)

    async def _fold_log(self) -> FoldedReply:
        stored = await self._tools.log.read(self.reply_id)
        return fold_all(item.frame for item in stored if item.frame is not None)

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

    def _usage(self, tokens: int) -> Usage:
        prompt_tokens = len(self._prompt_ids)
        return Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=tokens,
            cached_tokens=min(self._cached_tokens, prompt_tokens),
        )

    def _timings(self) -> Timings:
        submitted = self.prompt.submitted_at_ms
        first = self._first_token_at_ms
        return Timings(
            queue_ms=max(0, self._began_at_ms - submitted),
            first_token_ms=None if first is None else max(0, first - submitted),
            total_ms=max(0, now_ms() - submitted),
        )


class _TooLong(PromptRejected):
    """The prompt is longer than the model's context."""

    code = ErrorCode.CONTEXT_LENGTH

    def __init__(self, prompt_tokens: int, max_model_len: int) -> None:
        super().__init__(
            f"The prompt has {prompt_tokens} tokens, but the model's context holds "
            f"{max_model_len} for prompt and reply together. Shorten the messages."
        )


def _failed(code: ErrorCode, message: str) -> Outcome:
    return Outcome("failed", None, Failure(code, message))
