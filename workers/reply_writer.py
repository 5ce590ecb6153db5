"""Write one attempt's frames, and make sure that the log holds them before the reply ends.

Core publishes can be lost without an error. A lost acknowledgement, a failed publish or a
reconnect puts the reply in doubt: the log is folded and the missing tail sent as one acknowledged
delta, unless frames have come in since it was read. The ``end`` is fenced by the claim and names
the folded length, so that it is void behind a hole; it is verified, and repeated after a repair.
The rules are in ``docs/flow.md``.
"""

import asyncio
from collections.abc import Callable

import structlog

from schemas.direct_get import LogUnavailable
from schemas.fold import FoldState, fold
from schemas.frames import End
from schemas.reply_log import FenceLost, Overtaken, ReplyLog
from workers.delta_publisher import DeltaPublisher
from workers.draft import Draft
from workers.engines.port import Piece
from workers.errors import Superseded
from workers.marking import Marked

_RETRY_S = 0.1

log = structlog.get_logger(__name__)


class ReplyWriter:
    """The frames of one attempt at one reply."""

    def __init__(
        self, reply_id: str, marked: Marked, reply_log: ReplyLog, publisher: DeltaPublisher
    ) -> None:
        self.reply_id = reply_id
        self.draft = Draft(marked.n, marked.earlier.prefix)
        self._fence = marked.fence
        self._log = reply_log
        self._publisher = publisher
        self._in_doubt = False
        self._undisturbed = True
        # What was read back from the log so far: up to our own marker, if it is there already.
        self._read_to = marked.marker
        prefix = marked.earlier.prefix.state
        self._folded = prefix._replace(n=marked.n) if marked.marker else prefix
        self._final: End | None = None

    def doubt(self) -> None:
        """Frames may be missing from the log; they are looked for at the next write."""
        self._in_doubt = True
        self._undisturbed = False

    async def write(self, piece: Piece) -> None:
        """Publish the piece's tokens; raises ``Superseded`` when a repair finds another writer."""
        self.draft.add(piece.tokens, piece.finish)
        if self._in_doubt:
            await self.settle()
        else:
            self._publisher.offer(self)

    async def write_stored(self, piece: Piece) -> None:
        """Publish the piece's tokens and return once the log holds them; raises ``Superseded``."""
        self.draft.add(piece.tokens, piece.finish)
        await self.settle()

    async def settle(self) -> None:
        """Return once the log holds every token; raises ``Superseded``.

        Waits for a broker that is away.
        """
        self._publisher.forget(self.reply_id)
        while self._in_doubt or self.draft.has_unsent:
            try:
                await (self._repair() if self._in_doubt else self._append_unsent())
            except LogUnavailable:
                self.doubt()
                await asyncio.sleep(_RETRY_S)

    async def end(self, make_end: Callable[[int], End]) -> End:
        """Write the one end and return the one that counts.

        ``make_end`` gets the reply's length in tokens. Raises ``Superseded`` when the claim has
        moved on.
        """
        tries = 1
        while True:
            try:
                await self.settle()
            except Superseded:
                if self._final is None:
                    raise
                # Ours after a lost acknowledgement, or a canceller's: the first valid one counts.
                return self._final
            end = make_end(self.draft.tokens)
            try:
                await self._log.append_end(self.reply_id, end, self._fence, tries)
                if await self._counts(tries):
                    return self._final or end
                # It is stored, and void. One that may still be on its way is repeated as itself.
                tries += 1
            except FenceLost:
                raise Superseded from None
            except LogUnavailable:
                await asyncio.sleep(_RETRY_S)
            log.warning("end_repeated", tries=tries)
            self.doubt()

    async def _append_unsent(self) -> None:
        await self._log.append(self.reply_id, self.draft.take_unsent())

    async def _repair(self) -> None:
        self._in_doubt = False
        await self._read_back()
        if self._folded.ended or self._folded.n != self.draft.n:
            raise Superseded
        if self._folded.tokens < self.draft.tokens:
            # Read it back before anything relies on it.
            self._in_doubt = True
            await self._send_missing()

    async def _send_missing(self) -> None:
        """Send what the log lacks, unless frames have come in since it was read.

        A read overtakes what waits in a stalled broker: the missing deltas, and our own end. On one
        connection writes stay in order (the client buffers each before it can wait, and sends its
        buffer in order over a reconnect; the broker stores them as they come), so these are stored
        before this delta, which is refused then. Only what a connection that was given up for
        another still holds may come later than this delta, and even than the end. It is void, and
        who looks for an end must not think that deltas come before it (``gateway/canceller.py``).
        """
        missing = self.draft.tokens - self._folded.tokens
        delta = self.draft.take_from(self._folded.tokens)
        try:
            await self._log.append_next(self.reply_id, delta, self._read_to)
        except Overtaken:
            log.info("repair_overtaken", missing=missing)
        else:
            log.info("reply_repaired", missing=missing)

    async def _counts(self, tries: int) -> bool:
        """Tell whether the reply has a valid end in the log."""
        if self._undisturbed and self.draft.n == 1:
            # Nobody else writes deltas at the first attempt, so the count is exact.
            expected = 1 + self.draft.frames_sent + tries
            if await self._log.count_frames(self.reply_id) >= expected:
                return True
        await self._read_back()
        return self._folded.ended

    async def _read_back(self) -> None:
        for item in await self._log.read(self.reply_id, self._read_to):
            self._read_to = item.sequence
            if item.frame is None:
                log.error("frame_unreadable", sequence=item.sequence)
                continue
            after: FoldState = fold(self._folded, item.frame).state
            if after.ended and not self._folded.ended and isinstance(item.frame, End):
                self._final = item.frame
            self._folded = after
