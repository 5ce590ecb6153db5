"""Claim a reply through its register, so that exactly one worker speaks for it.

The register is written by compare-and-set only. Its sequence is the fence: the broker refuses an
``attempt`` or ``end`` that carries an older one. The rules are in ``docs/flow.md``.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from nats.aio.client import Client

from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.reply_log import Claim, FenceLost, RegisterState, ReplyLog, StoredFrame
from workers.earlier import NOTHING_EARLIER, Earlier, read_earlier

_RETRY_S = 0.1

log = structlog.get_logger(__name__)


class Claimed(NamedTuple):
    """Our worker runs attempt ``n``; ``fence`` is the register's sequence.

    ``stored`` are the frames that the log held just after the claim, and ``earlier`` is what they
    mean. Attempt 1 has nothing before it, so its engine need not wait for a look.
    """

    n: int
    fence: int
    stored: Sequence[StoredFrame] = ()
    earlier: Earlier = NOTHING_EARLIER


class CancelFound(NamedTuple):
    """The register says cancelled; ``fence`` is its sequence."""

    fence: int


class Yielded(NamedTuple):
    """Another worker has a later delivery of this prompt and runs the reply."""


ClaimOutcome = Claimed | CancelFound | Yielded


class Claimant:
    """Claims replies for one worker."""

    def __init__(self, broker: Client, reply_log: ReplyLog, worker: str) -> None:
        self._broker = broker
        self._log = reply_log
        self._worker = worker

    async def claim(self, reply_id: str, delivery: int) -> ClaimOutcome:
        """Claim ``reply_id`` for the broker's ``delivery``-th delivery of its prompt.

        Tries until the register gives an answer; a broker that is away is waited for.
        """
        # A first delivery finds an empty register unless a cancel came first, so it is not read.
        state = RegisterState(None, 0) if delivery == 1 else None
        while True:
            try:
                state = state or await self._log.read_register(reply_id)
                outcome = await self._try(reply_id, delivery, state)
            except LogUnavailable:
                await asyncio.sleep(_RETRY_S)
            except FenceLost:
                pass
            else:
                return outcome
            state = None

    async def _try(self, reply_id: str, delivery: int, state: RegisterState) -> ClaimOutcome:
        if state.claim is not None and state.claim.cancel:
            return CancelFound(state.sequence)
        if state.claim is not None and state.claim.delivery > delivery:
            return Yielded()
        n, fence = await self._write(reply_id, delivery, state)
        if n == 1:
            return Claimed(n, fence)
        await self._broker.publish(subjects.control(reply_id), str(fence).encode())
        stored = await self._log.read(reply_id)
        for item in stored:
            if item.frame is None:
                log.error("frame_unreadable", sequence=item.sequence)
        return Claimed(n, fence, stored, read_earlier(stored))

    async def _write(self, reply_id: str, delivery: int, state: RegisterState) -> tuple[int, int]:
        claim = state.claim
        if claim is not None and claim.worker == self._worker and claim.delivery == delivery:
            # Written by us; its acknowledgement was lost.
            return claim.n, state.sequence
        n = claim.n + 1 if claim is not None else 1
        new = Claim(n, self._worker, delivery)
        return n, await self._log.write_register(reply_id, new, state.sequence)
