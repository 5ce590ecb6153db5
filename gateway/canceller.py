"""Bring one reply to its one end through the claim register, and learn whether its slot is free.

The rules are "Cancelling" in ``docs/flow.md``. Every step may be the last one before this process
dies: the next canceller, in any process, goes on from what the log holds.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from gateway.slot_notice import SlotNotice
from schemas.direct_get import LogUnavailable
from schemas.ending import cancelled_end, folded, landmarks
from schemas.frames import Delta, End
from schemas.ids import made_at_ms
from schemas.reply_log import Claim, FenceLost, RegisterState, ReplyLog, StoredFrame
from schemas.streams import DUPLICATE_WINDOW_S

# The clocks of the broker and of the gateways differ by less.
CLOCKS_S = 10.0

# A lost race means that somebody else has moved on; nobody does so this often.
_TRIES = 20
# How long an answer waits for the worker's own: an engine frees a slot within milliseconds.
_SLOT_WAIT_S = 2.0
# Another canceller may have heard the worker instead of us; the register tells.
_REGISTER_POLL_S = 0.25
# In which the first delta is found, unless attempts died without one.
_HEAD_FRAMES = 16


class Canceller:
    """One cancel of one reply.

    ``wrote`` says whether it was this one that wrote the cancel into the register, ``held`` that a
    worker had claimed the reply and will report its end, if it can.
    """

    def __init__(self, reply_id: str, reply_log: ReplyLog, notice: SlotNotice) -> None:
        self.wrote = self.held = False
        self._reply_id = reply_id
        self._log = reply_log
        self._notice = notice
        self._stored: list[StoredFrame] = []
        self._register: RegisterState | None = None
        self._last: StoredFrame | None = None
        self._holder: str | None = None

    async def look(self) -> End | None:
        """Return the reply's end if its newest frame is one; raises ``LogUnavailable``."""
        self._last, self._register = await asyncio.gather(
            self._log.read_last(self._reply_id), self._log.read_register(self._reply_id)
        )
        if self._last is None or not isinstance(self._last.frame, End):
            return None
        return await self._read_end()

    @property
    def has_begun(self) -> bool:
        """Whether anything is known of the reply but its prompt; call ``look`` first."""
        return not (self._last is None and self._register == RegisterState(None, 0))

    async def end(self) -> End:
        """Cancel the reply unless it ends before; raises ``LogUnavailable``."""
        for _ in range(_TRIES):
            with suppress(FenceLost):
                return await self._try()
            self._register = None
        raise LogUnavailable("the reply changes hands too fast to be cancelled")

    async def frames(self) -> Sequence[StoredFrame]:
        """Return all of the reply's frames; raises ``LogUnavailable``."""
        after = self._stored[-1].sequence if self._stored else 0
        self._stored += await self._log.read(self._reply_id, after)
        return self._stored

    async def slot_is_free(self, end: End) -> bool:
        """Tell whether the reply's engine slot is free, waiting for the worker a little.

        Call it once the reply has ended.
        """
        if end.n is not None:
            # Its worker wrote that when its engine had nothing left to do.
            return True
        try:
            return await self._wait_for_slot()
        except LogUnavailable:
            # Not known; the reply has ended all the same.
            return False

    async def _try(self) -> End:
        register, is_ours = await self._write_register()
        # A reply may have thousands of frames, and the answer is waited for.
        if not (is_ours and await self._was_running(register)):
            end = await self._read_end()
            if end is not None:
                return end
        end = await self._cancelled_end()
        # With a message id: a repeat after a lost acknowledgement is stored once.
        message_id = f"{self._reply_id}.cancel"
        await self._log.append_fenced(self._reply_id, end, register.sequence, message_id)
        return end

    async def _read_end(self) -> End | None:
        return folded(await self.frames()).end

    async def _was_running(self, cancelled: RegisterState) -> bool:
        """Tell whether the attempt that our cancel stops had surely not ended before it.

        The broker knows the message id of its end if there is one, and no other can come now. If
        the newest frame is a delta of this attempt, its worker had read that nobody else ended the
        reply. That delta alone would prove nothing: one that waits on a connection that its worker
        has given up may be stored after the end.
        """
        if cancelled.claim is None or not is_remembered(made_at_ms(self._reply_id)):
            return False
        n = cancelled.claim.n
        last, has_end = await asyncio.gather(
            self._log.read_last(self._reply_id), self._log.has_end(self._reply_id, n)
        )
        frame = None if last is None else last.frame
        return not has_end and isinstance(frame, Delta) and frame.n == n

    async def _cancelled_end(self) -> End:
        head, more = await self._log.read_batch(self._reply_id, limit=_HEAD_FRAMES)
        end = cancelled_end(head)
        return end if end.usage or not more else cancelled_end(await self.frames())

    async def _write_register(self) -> tuple[RegisterState, bool]:
        """Make the register say cancel, and tell the worker; return it, and whether it was us."""
        claim, sequence = self._register or await self._log.read_register(self._reply_id)
        is_ours = claim is None or not claim.cancel
        if claim is None or not claim.cancel:
            self._holder = None if claim is None else claim.worker
            claim = Claim(0 if claim is None else claim.n, cancel=True)
            sequence = await self._log.write_register(self._reply_id, claim, sequence)
            self.wrote = True
        self._register = RegisterState(claim, sequence)
        self.held = claim.n > 0
        # Also when another canceller was here: it may have died before it told anybody.
        await self._notice.send(sequence)
        return self._register, is_ours

    async def _wait_for_slot(self) -> bool:
        clock = asyncio.get_running_loop().time
        until = clock() + _SLOT_WAIT_S
        holder = self._holder or landmarks(await self.frames()).worker
        register = self._register or await self._log.read_register(self._reply_id)
        while not _says_free(register):
            if not self._notice.sent:
                await self._notice.send(register.sequence)
            wait_s = min(_REGISTER_POLL_S, until - clock())
            if await self._notice.freed(holder, wait_s):
                await self._keep_freed(register, holder)
                return True
            if clock() >= until:
                return False
            if self._notice.unheard:
                # The worker has lost the broker; it may be back in a moment.
                await asyncio.sleep(_REGISTER_POLL_S)
                await self._notice.send(register.sequence)
            register = await self._log.read_register(self._reply_id)
        return True

    async def _keep_freed(self, register: RegisterState, holder: str | None) -> None:
        """Note in the register that the slot is free, so that a repeat gives the same answer.

        Only after the end is in the log: whoever loses the fence by this finds it there.
        """
        worker = holder or next(iter(self._notice.freed_by), None)
        if register.claim is None or worker is None:
            return
        with suppress(FenceLost, LogUnavailable):
            freed = replace(register.claim, worker=worker)
            await self._log.write_register(self._reply_id, freed, register.sequence)


def is_remembered(since_ms: int) -> bool:
    """Tell whether the broker surely knows the message ids of all that was stored since then."""
    return time.time() - since_ms / 1000 < DUPLICATE_WINDOW_S - 2 * CLOCKS_S


def _says_free(register: RegisterState) -> bool:
    """Tell whether the register of a cancelled reply says that no slot is held.

    Nobody had claimed it, or a canceller has heard since that ``worker`` freed its slot.
    """
    claim = register.claim
    return claim is None or claim.n == 0 or claim.worker is not None
