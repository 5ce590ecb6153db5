"""Bring one reply to its one end through the claim register, and learn whether its slot is free.

The rules are "Cancelling" in ``docs/flow.md``. Every step may be the last one before this process
dies: the next canceller, in any process, goes on from what the log holds.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec.structs import replace

from gateway.slot_notice import SlotNotice
from schemas.direct_get import LogUnavailable
from schemas.ending import cancelled_end, folded, landmarks
from schemas.frames import End
from schemas.reply_log import Claim, FenceLost, RegisterState, ReplyLog, StoredFrame

# A lost race means that somebody else has moved on; nobody does so this often.
_TRIES = 20
# How long an answer waits for the worker's own: an engine frees a slot within milliseconds.
_SLOT_WAIT_S = 2.0
# Another canceller may have heard the worker instead of us; the register tells.
_REGISTER_POLL_S = 0.25


class Ended(NamedTuple):
    """A reply that has its end: all of its frames, and the end among them that counts."""

    stored: Sequence[StoredFrame]
    end: End


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

    async def look(self) -> Ended | None:
        """Return the reply if its newest frame says that it has ended; raises ``LogUnavailable``.

        A reply may have thousands of frames: all of them are read here only if they are the answer.
        """
        self._last, self._register = await asyncio.gather(
            self._log.read_last(self._reply_id), self._log.read_register(self._reply_id)
        )
        if self._last is None or not isinstance(self._last.frame, End):
            return None
        return await self._read()

    @property
    def has_begun(self) -> bool:
        """Whether anything is known of the reply but its prompt; call ``look`` first."""
        return not (self._last is None and self._register == RegisterState(None, 0))

    async def end(self) -> Ended:
        """Cancel the reply unless it ends before; raises ``LogUnavailable``."""
        fence = 0
        for _ in range(_TRIES):
            try:
                # First, and before the long read: the worker stops at once.
                fence = fence or await self._write_register()
                ended = await self._read()
                if ended is not None:
                    return ended
                # With a message id: a repeat after a lost acknowledgement is stored once.
                await self._log.append_fenced(
                    self._reply_id, cancelled_end(self._stored), fence, f"{self._reply_id}.cancel"
                )
            except FenceLost:
                fence, self._register = 0, None
        raise LogUnavailable("the reply changes hands too fast to be cancelled")

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

    async def _read(self) -> Ended | None:
        """Return the reply if it has ended, by all of its frames."""
        after = self._stored[-1].sequence if self._stored else 0
        self._stored += await self._log.read(self._reply_id, after)
        end = folded(self._stored).end
        return None if end is None else Ended(self._stored, end)

    async def _write_register(self) -> int:
        """Make the register say cancel, and tell the worker; return the register's sequence."""
        claim, sequence = self._register or await self._log.read_register(self._reply_id)
        if claim is None or not claim.cancel:
            self._holder = None if claim is None else claim.worker
            claim = Claim(0 if claim is None else claim.n, cancel=True)
            sequence = await self._log.write_register(self._reply_id, claim, sequence)
            self.wrote = True
        self._register = RegisterState(claim, sequence)
        self.held = claim.n > 0
        # Also when another canceller was here: it may have died before it told anybody.
        await self._notice.send(sequence)
        return sequence

    async def _wait_for_slot(self) -> bool:
        clock = asyncio.get_running_loop().time
        until = clock() + _SLOT_WAIT_S
        holder = self._holder or landmarks(self._stored).worker
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


def _says_free(register: RegisterState) -> bool:
    """Tell whether the register of a cancelled reply says that no slot is held.

    Nobody had claimed it, or a canceller has heard since that ``worker`` freed its slot.
    """
    claim = register.claim
    return claim is None or claim.n == 0 or claim.worker is not None
