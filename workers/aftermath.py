"""Find out what became of a reply that this worker lost, and end it if it was cancelled."""

import asyncio

from schemas.direct_get import LogUnavailable
from schemas.fold import FoldedReply, fold_all
from schemas.frames import End
from schemas.reply_log import FenceLost, ReplyLog

_RETRY_S = 0.1


async def read_lost_reply(log: ReplyLog, reply_id: str) -> FoldedReply | None:
    """Return the reply if it has ended, or ``None`` when another worker runs it.

    A cancel whose canceller died before it wrote the ``end`` is completed here. Waits for a
    broker that is away.
    """
    while True:
        try:
            folded = await _fold(log, reply_id)
            if folded.end is not None:
                return folded
            state = await log.read_register(reply_id)
            if state.claim is None or not state.claim.cancel:
                return None
            cancelled = End(n=None, tokens=None, status="cancelled")
            await log.append_fenced(reply_id, cancelled, state.sequence)
        except (LogUnavailable, FenceLost):
            await asyncio.sleep(_RETRY_S)


async def _fold(log: ReplyLog, reply_id: str) -> FoldedReply:
    stored = await log.read(reply_id)
    return fold_all(item.frame for item in stored if item.frame is not None)
