"""Read the reports of erasures from the store."""

from collections.abc import Mapping
from typing import Any

from gateway.conversations.erasures import ErasureReport
from gateway.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, ERASURES, erasure_id


class MongoErasureReader:
    """Reports in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._erasures = store[CHAT_DATABASE][ERASURES]

    async def report(self, user_id: str, conversation_id: str) -> ErasureReport | None:
        """Return the report of a conversation's erasure, or (``""``) of a user's."""
        async with store_errors():
            row = await self._erasures.find_one({"_id": erasure_id(user_id, conversation_id)})
        return None if row is None or row["user_id"] != user_id else _report(row)


def _report(row: Mapping[str, Any]) -> ErasureReport:
    return ErasureReport(
        done=row["done_at_ms"] > 0,
        conversations=row["conversations"],
        messages=row["messages"],
        log_events=row["log_events"],
        reply_frames=row["reply_frames"],
    )
