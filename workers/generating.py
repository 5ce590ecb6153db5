"""Make the tokens of one attempt at a reply and write them, in the order that keeps it safe.

A first attempt's engine request begins beside the claim and the marker; nothing leaves before both
are stored. Every later attempt has its marker first, and a suspect is tried alone, so that the log
knows of an attempt before it can kill its worker.
"""

import asyncio
import contextlib
import time
from typing import Literal

import structlog

from schemas.direct_get import LogUnavailable
from schemas.events import PromptSubmitted
from schemas.fold import FoldedReply
from schemas.frames import Note
from workers.claiming import Claimed
from workers.completion import now_ms
from workers.earlier import NOTHING_EARLIER
from workers.engine_request import Begun, EngineRequest
from workers.engines.port import Piece
from workers.errors import EngineError, Superseded
from workers.marking import Marked, mark, write_marker
from workers.outcome import Outcome, failed, refusal
from workers.reply_meter import ReplyMeter
from workers.reply_writer import ReplyWriter
from workers.suspicion import Record
from workers.tools import Tools

log = structlog.get_logger(__name__)


class Generating:
    """One attempt's way from the engine to the log; ``stored_at_ms`` is the prompt's."""

    def __init__(self, prompt: PromptSubmitted, stored_at_ms: int, tools: Tools) -> None:
        self.meter = ReplyMeter(prompt.submitted_at_ms, now_ms())
        self.writer: ReplyWriter | None = None
        self._prompt = prompt
        self._reply_id = prompt.reply_id
        self._stored_at_ms = stored_at_ms
        self._tools = tools
        self._request: EngineRequest | None = None
        self._is_marked = False
        self._trial: asyncio.Task[None] | None = None

    @property
    def in_engine(self) -> bool:
        """Whether the engine may be working on this attempt."""
        return self._request is not None and self._request.is_open

    @property
    def made_nothing(self) -> bool:
        """Whether the attempt has added no token."""
        return self.writer is None or self.writer.draft.made == 0

    def begin_early(self) -> None:
        """Begin a first attempt's engine request while the claim is on its way.

        A first delivery is nearly always ours. A prompt that would be refused is not begun, nor
        is any while a suspect is tried.
        """
        if self._refusal(1, NOTHING_EARLIER.record) is not None:
            return
        if self._tools.gate.enter_at_once(self._reply_id):
            self._request = self._new_request(1, NOTHING_EARLIER.prefix)

    async def run(self, claimed: Claimed) -> Outcome:
        """Generate and write until the reply is whole; may be cancelled, then ``close`` it.

        Raises ``Superseded`` or ``EngineDied``.
        """
        early = self._request
        try:
            if early is not None and claimed.n == 1:
                return await self._run_while_marking(claimed, early)
            await self.close()
            return await self._run_after_marking(claimed)
        except EngineError as error:
            return failed(error.code, str(error))

    async def open_writer(self, claimed: Claimed, *, alone: bool = False) -> ReplyWriter:
        """Return the attempt's writer; its marker is stored first if it was not on its way.

        Raises ``Superseded`` when the reply has ended or somebody else runs it.
        """
        tools = self._tools
        if self.writer is not None:
            if not self._is_marked:
                # It was given up on its way, and no end counts without it. A repeat is stored once.
                await write_marker(tools.log, self._reply_id, claimed, tools.worker)
                self._is_marked = True
            return self.writer
        marked = await mark(tools.log, self._reply_id, claimed, tools.worker, alone=alone)
        self._is_marked = True
        if marked.earlier.prefix.end is not None:
            raise Superseded
        self.meter.take_over(marked.earlier)
        return self._new_writer(marked)

    async def note(self, claimed: Claimed, what: Literal["alive", "handed_over"]) -> None:
        """Say in the log that the prompt did not kill this attempt's worker."""
        try:
            await self._tools.log.append(self._reply_id, Note(claimed.n, what))
        except LogUnavailable as error:
            # Then it looks like a death, and one more trial is made.
            log.warning("note_not_stored", what=what, error=str(error))

    async def close(self) -> None:
        """Abort the engine request; returns once the engine's slot is free.

        Nobody may be in ``run`` any more.
        """
        self._end_trial()
        if self._request is not None:
            await self._request.close()
        self._tools.gate.leave(self._reply_id)

    async def _run_while_marking(self, claimed: Claimed, request: EngineRequest) -> Outcome:
        tools = self._tools
        writer = self._new_writer(Marked(claimed.n, claimed.fence))
        marking = asyncio.create_task(
            write_marker(tools.log, self._reply_id, claimed, tools.worker)
        )
        try:
            begun = await request.begun()
            if not isinstance(begun, Outcome):
                begun = await self._stream(request, begun, writer, marking)
            await marking
            self._is_marked = True
            return begun
        finally:
            marking.cancel()

    async def _run_after_marking(self, claimed: Claimed) -> Outcome:
        earlier, gate = claimed.earlier, self._tools.gate
        if earlier.prefix.end is not None:
            raise Superseded
        refused = self._refusal(claimed.n, earlier.record)
        if refused is not None:
            await self.open_writer(claimed)
            return refused
        alone = earlier.record.suspect
        await (gate.enter_alone if alone else gate.enter)(self._reply_id)
        writer = await self.open_writer(claimed, alone=alone)
        if alone:
            log.info("reply_tried_alone", n=claimed.n, trials=earlier.record.deadly_trials)
            self._trial = asyncio.create_task(self._watch_trial(claimed))
        request = self._request = self._new_request(claimed.n, writer.draft.prefix)
        begun = await request.begun()
        if isinstance(begun, Outcome):
            return begun
        return await self._stream(request, begun, writer)

    async def _stream(
        self,
        request: EngineRequest,
        begun: Begun,
        writer: ReplyWriter,
        marking: asyncio.Task[int] | None = None,
    ) -> Outcome:
        piece, rest = begun
        shown = False
        async with contextlib.aclosing(rest):
            while True:
                # Not in whole milliseconds: tokens may come two in one.
                now = time.time_ns() / 1_000_000
                self.meter.made(len(piece.tokens), piece.cached_tokens, now)
                if piece.tokens and shown:
                    await writer.write(piece)
                elif piece.tokens:
                    if marking is not None:
                        await marking
                        self._is_marked = True
                    await self._show_first(piece, writer)
                    shown = True
                if piece.finish is not None:
                    break
                piece = await anext(rest)
        request.end()
        return Outcome("completed", piece.finish)

    async def _show_first(self, piece: Piece, writer: ReplyWriter) -> None:
        """Write the first tokens of the attempt; from here on others may start beside it."""
        writer.draft.prompt_tokens = self.meter.prompt_tokens
        writer.draft.cached_tokens = self.meter.cached_tokens
        if self._trial is None:
            await writer.write(piece)
        else:
            # Stored before anybody else starts here: who kills this worker then must not make
            # the trial look deadly.
            await writer.write_stored(piece)
            self._end_trial()
        self._tools.gate.leave(self._reply_id)

    async def _watch_trial(self, claimed: Claimed) -> None:
        await asyncio.sleep(self._tools.trial_s)
        self._tools.gate.leave(self._reply_id)
        await self.note(claimed, "alive")

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.cancel()
            self._trial = None

    def _new_request(self, n: int, prefix: FoldedReply) -> EngineRequest:
        return EngineRequest(self._tools.engine, self._prompt, n, prefix, self.meter)

    def _new_writer(self, marked: Marked) -> ReplyWriter:
        tools = self._tools
        self.writer = ReplyWriter(self._reply_id, marked, tools.log, tools.publisher)
        return self.writer

    def _refusal(self, n: int, record: Record) -> Outcome | None:
        return refusal(
            self._prompt,
            n,
            record,
            now_ms=now_ms(),
            stored_at_ms=self._stored_at_ms,
            max_run_ms=self._tools.max_run_ms,
        )
