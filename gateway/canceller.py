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
        self._holder: str | None = None

    async def look(self) -> Ended | None:
        """Return the reply if it has ended; raises ``LogUnavailable``."""
        after = self._stored[-1].sequence if self._stored else 0
        self._stored += await self._log.read(self._reply_id, after)
        end = folded(self._stored).end
        return None if end is None else Ended(self._stored, end)

    async def has_begun(self) -> bool:
        """Tell whether anything is known of the reply but its prompt; call ``look`` first."""
        if self._stored:
            return True
        return (await self._log.read_register(self._reply_id)).claim is not None

    async def end(self) -> Ended:
        """Cancel the reply unless it ends before; raises ``LogUnavailable``."""
        fence = 0
        for _ in range(_TRIES):
            # Read again before the end is written: the first delta tells the prompt's length.
            ended = await self.look()
            if ended is not None:
                return ended
            try:
                if fence == 0:
                    fence = await self._write_register()
                else:
                    # With a message id: a repeat after a lost acknowledgement is stored once.
                    await self._log.append_fenced(
                        self._reply_id,
                        cancelled_end(self._stored),
                        fence,
                        f"{self._reply_id}.cancel",
                    )
            except FenceLost:
                fence = 0
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

    async def _write_register(self) -> int:
        """Make the register say cancel, and tell the worker; return the register's sequence."""
        register = await self._log.read_register(self._reply_id)
        claim, sequence = register
        if claim is None or not claim.cancel:
            self._holder = None if claim is None else claim.worker
            cancel = _cancel_of(register)
            sequence = await self._log.write_register(self._reply_id, cancel, sequence)
            claim, self.wrote = cancel, True
        self.held = claim.n > 0
        # Also when another canceller was here: it may have died before it told anybody.
        await self._notice.send(sequence)
        return sequence

    async def _wait_for_slot(self) -> bool:
        clock = asyncio.get_running_loop().time
        until = clock() + _SLOT_WAIT_S
        holder = self._holder or landmarks(self._stored).worker
        while True:
            register = await self._log.read_register(self._reply_id)
            if _says_free(register):
                return True
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


def _cancel_of(register: RegisterState) -> Claim:
    """Return the cancel that follows a claim: ``n`` is the attempt that it stops, 0 if none."""
    return Claim(0 if register.claim is None else register.claim.n, cancel=True)


def _says_free(register: RegisterState) -> bool:
    """Tell whether the register of a cancelled reply says that no slot is held.

    Nobody had claimed it, or a canceller has heard since that ``worker`` freed its slot.
    """
    claim = register.claim
    return claim is None or claim.n == 0 or claim.worker is not None
