"""Begin a claimed attempt in the log: its marker, then what stands before it.

Only what is read after the marker was acknowledged is sure to be all: an older attempt's deltas
that come later are void.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from schemas.direct_get import LogUnavailable
from schemas.frames import Attempt
from schemas.reply_log import FenceLost, ReplyLog, StoredFrame
from workers.claiming import Claimed
from workers.earlier import NOTHING_EARLIER, Earlier, read_earlier
from workers.errors import Superseded

_RETRY_S = 0.1


class Marked(NamedTuple):
    """Attempt ``n`` under ``fence``, which goes on after ``earlier``.

    ``marker`` is the sequence of its ``attempt`` frame, 0 while a first attempt's is on its way.
    """

    n: int
    fence: int
    marker: int = 0
    earlier: Earlier = NOTHING_EARLIER


async def write_marker(
    log: ReplyLog, reply_id: str, claimed: Claimed, worker: str, *, alone: bool = False
) -> int:
    """Store the marker and return its sequence.

    Raises ``Superseded``; waits for a broker that is away.
    """
    marker = Attempt(claimed.n, worker, alone)
    # With an id, a repeat after a lost acknowledgement is not stored again: a second marker
    # would spoil the count of frames that verifies the end.
    message_id = f"{reply_id}.{claimed.n}.attempt"
    while True:
        try:
            return await log.append_fenced(reply_id, marker, claimed.fence, message_id)
        except FenceLost:
            raise Superseded from None
        except LogUnavailable:
            await asyncio.sleep(_RETRY_S)


async def mark(
    log: ReplyLog, reply_id: str, claimed: Claimed, worker: str, *, alone: bool = False
) -> Marked:
    """Store the marker and read what stands before it.

    Raises ``Superseded``; waits for a broker that is away.
    """
    marker = await write_marker(log, reply_id, claimed, worker, alone=alone)
    if claimed.n == 1:
        return Marked(claimed.n, claimed.fence, marker)
    seen = claimed.stored[-1].sequence if claimed.stored else 0
    while True:
        try:
            later = await log.read(reply_id, seen)
        except LogUnavailable:
            await asyncio.sleep(_RETRY_S)
        else:
            return Marked(claimed.n, claimed.fence, marker, _earlier(claimed, later, marker))


def _earlier(claimed: Claimed, later: Sequence[StoredFrame], marker: int) -> Earlier:
    missed = [item for item in later if item.sequence < marker]
    # Folding again costs a millisecond for a few hundred tokens, in the pause that a reader sees.
    return read_earlier([*claimed.stored, *missed]) if missed else claimed.earlier
