"""Find out what became of a reply that this worker lost, and end it if it was cancelled."""

import asyncio
from collections.abc import Sequence

from schemas.direct_get import LogUnavailable
from schemas.ending import cancelled_end, folded
from schemas.reply_log import FenceLost, ReplyLog, StoredFrame

_RETRY_S = 0.1


async def read_lost_reply(log: ReplyLog, reply_id: str) -> Sequence[StoredFrame] | None:
    """Return the frames of a reply that has ended, or ``None`` when another worker runs it.

    A cancel whose canceller died before it wrote the ``end`` is completed here. Waits for a
    broker that is away.
    """
    while True:
        try:
            stored = await log.read(reply_id)
            if folded(stored).end is not None:
                return stored
            state = await log.read_register(reply_id)
            if state.claim is None or not state.claim.cancel:
                return None
            # The canceller's own message id: its end and ours are the same, and stored once.
            end, message_id = cancelled_end(stored), f"{reply_id}.cancel"
            await log.append_fenced(reply_id, end, state.sequence, message_id)
        except (LogUnavailable, FenceLost):
            await asyncio.sleep(_RETRY_S)
