"""Claim a reply through its register, so that exactly one worker speaks for it.

The register is written by compare-and-set only. Its sequence is the fence: the broker refuses an
``attempt`` or ``end`` that carries an older one. The rules are in ``docs/flow.md``.
"""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from nats.aio.client import Client

from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.fold import FoldedReply, FoldState, fold, fold_all
from schemas.frames import Attempt, Delta, Frame
from schemas.reply_log import Claim, FenceLost, RegisterState, ReplyLog, StoredFrame

_RETRY_S = 0.1


class Earlier(NamedTuple):
    """What earlier attempts left in the log; times are ``None`` where there was no such frame.

    ``fruitless`` counts the attempts at its end that added no token.
    """

    prefix: FoldedReply
    fruitless: int = 0
    first_frame_at_ms: int | None = None
    first_token_at_ms: int | None = None


class Claimed(NamedTuple):
    """Our worker runs attempt ``n`` after ``earlier`` ones.

    ``fence`` is the register's sequence, ``marker`` that of our own ``attempt`` frame. A first
    attempt has no marker yet: it has nothing to read before it, so the engine need not wait for
    it; ``ReplyWriter.open`` writes it before the first delta.
    """

    n: int
    fence: int
    marker: int | None
    earlier: Earlier


class CancelFound(NamedTuple):
    """The register says cancelled; ``fence`` is its sequence."""

    fence: int


class Yielded(NamedTuple):
    """Another worker has a later delivery of this prompt and runs the reply."""


ClaimOutcome = Claimed | CancelFound | Yielded

NOTHING_EARLIER = Earlier(fold_all(()))


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
            return Claimed(n, fence, None, NOTHING_EARLIER)
        await self._broker.publish(subjects.control(reply_id), str(fence).encode())
        marker = await self._log.append_fenced(reply_id, Attempt(n, self._worker), fence)
        stored = await self._log.read(reply_id)
        return Claimed(n, fence, marker, read_earlier(f for f in stored if f.sequence < marker))

    async def _write(self, reply_id: str, delivery: int, state: RegisterState) -> tuple[int, int]:
        claim = state.claim
        if claim is not None and claim.worker == self._worker and claim.delivery == delivery:
            # Written by us; its acknowledgement was lost.
            return claim.n, state.sequence
        n = claim.n + 1 if claim is not None else 1
        new = Claim(n, self._worker, delivery)
        return n, await self._log.write_register(reply_id, new, state.sequence)


def read_earlier(stored: Iterable[StoredFrame]) -> Earlier:
    """Fold what earlier attempts wrote; frames that do not parse count for nothing."""
    frames = [(item.frame, item.stored_at_ms) for item in stored if item.frame is not None]
    prefix = fold_all(frame for frame, _ in frames)
    token_times = (at for frame, at in frames if isinstance(frame, Delta))
    return Earlier(
        prefix,
        _fruitless_attempts([frame for frame, _ in frames], prefix.state.tokens),
        frames[0][1] if frames else None,
        next(token_times, None),
    )


def _fruitless_attempts(frames: Iterable[Frame], tokens: int) -> int:
    """Count the attempts that began when the reply had its present length."""
    state = FoldState()
    count = 0
    for frame in frames:
        if isinstance(frame, Attempt) and state.tokens == tokens:
            count += 1
        state = fold(state, frame).state
    return count
