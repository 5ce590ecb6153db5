"""Read the reports of erasures, and wait for them."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from gateway.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, ERASURES, erasure_id

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


class MongoErasureReader:
    """Reports in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._erasures = store[CHAT_DATABASE][ERASURES]

    async def report(self, user_id: str, conversation_id: str) -> ErasureReport | None:
        """Return the report of a conversation's erasure, or (``""``) of a user's."""
        async with store_errors():
            row = await self._erasures.find_one({"_id": erasure_id(user_id, conversation_id)})
        return None if row is None or row["user_id"] != user_id else _report(row)


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


def _report(row: Mapping[str, Any]) -> ErasureReport:
    return ErasureReport(
        done=row["done_at_ms"] > 0,
        conversations=row["conversations"],
        messages=row["messages"],
        log_events=row["log_events"],
        reply_frames=row["reply_frames"],
    )
