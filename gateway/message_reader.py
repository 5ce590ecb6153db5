"""Read messages from the history in the store.

Filters are plain equalities that carry ``user_id``, and each row's owner is checked again on the
way out: the embedded store answers other shapes wrongly.
"""

from collections.abc import Mapping
from typing import Any

from gateway.history import StoredMessage
from gateway.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, MESSAGES

# More than anybody writes into one conversation; a bound for memory.
_MAX_MESSAGES = 20_000


class MongoMessageReader:
    """Messages in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._messages = store[CHAT_DATABASE][MESSAGES]

    async def conversation(self, user_id: str, conversation_id: str) -> list[StoredMessage]:
        """Return a conversation's messages; none if it is not this user's."""
        same = {"conversation_id": conversation_id, "user_id": user_id}
        async with store_errors():
            rows = await self._messages.find(same).limit(_MAX_MESSAGES).to_list()
        return [
            _message(row)
            for row in rows
            if row["user_id"] == user_id and row["conversation_id"] == conversation_id
        ]

    async def answer(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the assistant's message of a reply."""
        same = {"reply_id": reply_id, "user_id": user_id}
        async with store_errors():
            rows = await self._messages.find(same).limit(_MAX_MESSAGES).to_list()
        for row in rows:
            if (row["user_id"], row["reply_id"], row["role"]) == (user_id, reply_id, "assistant"):
                return _message(row)
        return None


def _message(row: Mapping[str, Any]) -> StoredMessage:
    return StoredMessage(
        message_id=row["_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        content=row["content"],
        status=row["status"],
        created_at_ms=row["created_at_ms"],
        finish_reason=row.get("finish_reason"),
        error=row.get("error"),
        model=row.get("model", ""),
    )
