"""Read messages from the history in the store.

Filters are plain equalities that carry ``user_id``, and each row's owner is checked again on the
way out: the embedded store answers other shapes wrongly.
"""

from collections.abc import Mapping
from typing import Any

from gateway.conversations.search_terms import excerpt_of, search_query
from gateway.history import FoundMessage, StoredMessage
from gateway.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, MESSAGES

# More than anybody writes into one conversation; a bound for memory.
_MAX_MESSAGES = 20_000
# One request for a long conversation. No projection: the embedded store takes half as long again
# to leave fields out as to send them.
_BATCH = 1_000
_FOUND_FIELDS = dict.fromkeys(("user_id", "conversation_id", "role", "created_at_ms", "content"), 1)


class MongoMessageReader:
    """Messages in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._messages = store[CHAT_DATABASE][MESSAGES]

    async def conversation(self, user_id: str, conversation_id: str) -> list[StoredMessage]:
        """Return a conversation's messages; none if it is not this user's."""
        same = {"conversation_id": conversation_id, "user_id": user_id}
        async with store_errors():
            rows = await self._messages.find(same, batch_size=_BATCH).limit(_MAX_MESSAGES).to_list()
        return [
            _message(row)
            for row in rows
            if row["user_id"] == user_id and row["conversation_id"] == conversation_id
        ]

    async def answer(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the assistant's message of a reply."""
        same = {"reply_id": reply_id, "user_id": user_id}
        async with store_errors():
            rows = await self._messages.find(same, batch_size=_BATCH).limit(_MAX_MESSAGES).to_list()
        for row in rows:
            if (row["user_id"], row["reply_id"], row["role"]) == (user_id, reply_id, "assistant"):
                return _message(row)
        return None

    async def pending(self, user_id: str) -> list[StoredMessage]:
        """Return the answers of a user that have not ended."""
        same = {"user_id": user_id, "status": "pending"}
        async with store_errors():
            rows = await self._messages.find(same, batch_size=_BATCH).limit(_MAX_MESSAGES).to_list()
        return [_message(row) for row in rows if row["user_id"] == user_id]

    async def search(self, user_id: str, phrases: list[str], limit: int) -> list[FoundMessage]:
        """Return messages of conversations that have all of the phrases, newest first."""
        found = self._messages.find(search_query(user_id, phrases), _FOUND_FIELDS)
        async with store_errors():
            rows = await found.sort("created_at_ms", -1).limit(limit).to_list()
        return [
            FoundMessage(
                message_id=row["_id"],
                conversation_id=row["conversation_id"],
                role=row["role"],
                created_at_ms=row["created_at_ms"],
                excerpt=excerpt_of(row["content"], phrases),
            )
            for row in rows
            if row["user_id"] == user_id and row["conversation_id"]
        ]


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
        reply_id=row["reply_id"],
        model=row["model"],
        omitted_messages=row.get("omitted_messages", 0),
        conversation_id=row["conversation_id"],
    )
