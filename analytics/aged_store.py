"""Find what is old in the history, in shapes that every store answers alike."""

from collections.abc import AsyncIterator

from analytics.retention import OldConversation, OldMessage
from analytics.store_client import Collection, Store, store_errors
from schemas.documents import (
    CHAT_DATABASE,
    CONVERSATIONS,
    MESSAGES,
    QUARANTINE,
    QUARANTINE_DATABASE,
)

_AT_ONCE = 200


class MongoAgedStore:
    """The history in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._conversations: Collection = store[CHAT_DATABASE][CONVERSATIONS]
        self._messages: Collection = store[CHAT_DATABASE][MESSAGES]
        self._quarantine: Collection = store[QUARANTINE_DATABASE][QUARANTINE]

    async def conversations_before(self, at_ms: int) -> AsyncIterator[OldConversation]:
        """Yield conversations whose last prompt is older."""
        after_ms = 0
        while True:
            # They go only once their event has been handled, so each page begins after the last.
            old = {"touched_at_ms": {"$gt": after_ms, "$lt": at_ms}}
            async with store_errors():
                rows = await (
                    self._conversations.find(old, {"user_id": 1, "touched_at_ms": 1})
                    .sort("touched_at_ms", 1)
                    .limit(_AT_ONCE)
                    .to_list()
                )
            for row in rows:
                yield OldConversation(row["user_id"], row["_id"])
            if len(rows) < _AT_ONCE:
                return
            # Those of the same millisecond that did not fit into the page are old in an hour, too.
            after_ms = rows[-1]["touched_at_ms"]

    async def bare_messages_before(self, at_ms: int) -> list[OldMessage]:
        """Return some older messages that belong to no conversation."""
        old = {"conversation_id": "", "created_at_ms": {"$lt": at_ms}}
        fields = {"user_id": 1, "reply_id": 1, "log_seqs": 1}
        async with store_errors():
            rows = await self._messages.find(old, fields).limit(_AT_ONCE).to_list()
        return [
            OldMessage(row["user_id"], row["_id"], row["reply_id"], row.get("log_seqs", []))
            for row in rows
        ]

    async def forget_messages(self, messages: list[OldMessage]) -> None:
        """Delete them."""
        async with store_errors():
            await self._messages.delete_many({"_id": {"$in": [m.message_id for m in messages]}})

    async def forget_set_aside(self, at_ms: int) -> None:
        """Delete what was set aside earlier."""
        async with store_errors():
            await self._quarantine.delete_many({"set_aside_at_ms": {"$lt": at_ms}})
