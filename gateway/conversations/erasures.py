"""Wait for the reports of erasures."""

import asyncio
import time
from typing import NamedTuple, Protocol

_POLL_S = 0.03


class ErasureReport(NamedTuple):
    """What was removed; ``done`` once nothing is left but what comes too late."""

    done: bool
    conversations: int
    messages: int
    log_events: int
    reply_frames: int


class ErasureReader(Protocol):
    """Reads reports; raises ``StoreUnavailable``."""

    async def report(self, user_id: str, conversation_id: str) -> ErasureReport | None:
        """Return the report of a conversation's erasure, or (``""``) of a user's."""


async def finished_report(
    reader: ErasureReader, user_id: str, conversation_id: str, wait_s: float
) -> ErasureReport | None:
    """Return the report once the erasure is done, or ``None`` if it takes longer."""
    give_up_at = time.monotonic() + wait_s
    while time.monotonic() < give_up_at:
        report = await reader.report(user_id, conversation_id)
        if report is not None and report.done:
            return report
        await asyncio.sleep(_POLL_S)
    return None
