"""Read conversations from the history in the store.

Filters are plain equalities and one range that carry ``user_id``, and each row's owner is checked
again on the way out: the embedded store answers other shapes wrongly. It takes longer to leave
fields out than to send them.
"""

from collections.abc import Mapping
from typing import Any

from gateway.conversations.ports import Place, StoredConversation
from gateway.conversations.search_terms import search_query
from gateway.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, ranks_of_list

# More than are changed in one millisecond and have the same three digits.
_SAME_RANK = 4


class MongoConversationReader:
    """Conversations in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._conversations = store[CHAT_DATABASE][CONVERSATIONS]

    async def one(self, user_id: str, conversation_id: str) -> StoredConversation | None:
        """Return a user's conversation."""
        same = {"_id": conversation_id, "user_id": user_id}
        found = await self._find(same, user_id, limit=1)
        return found[0] if found and found[0].conversation_id == conversation_id else None

    async def page(
        self, user_id: str, *, archived: bool, after: Place | None, limit: int
    ) -> list[StoredConversation]:
        """Return those of the list, or of the archive, from a place in it on."""
        first, last = ranks_of_list(archived=archived)
        ranks = {"$gte": first, "$lte": last if after is None else min(last, after.rank)}
        found = await self._find({"user_id": user_id, "rank": ranks}, user_id, limit + _SAME_RANK)
        # The store may order those of one rank as it likes.
        found.sort(key=lambda conversation: conversation.place, reverse=True)
        return [one for one in found if after is None or one.place < after][:limit]

    async def upwards(self, user_id: str, *, rank: int, limit: int) -> list[StoredConversation]:
        """Return those of all kinds with this rank or a higher one, the oldest first."""
        same = {"user_id": user_id, "rank": {"$gte": max(rank, 1)}}
        return await self._find(same, user_id, limit, order=1)

    async def shared(self, share_id: str) -> StoredConversation | None:
        """Return the conversation that a public link shows, whoever's it is."""
        async with store_errors():
            rows = await self._conversations.find({"share_id": share_id}).to_list()
        return next((_conversation(row) for row in rows if row["share_id"] == share_id), None)

    async def some(self, user_id: str, conversation_ids: list[str]) -> list[StoredConversation]:
        """Return those of these that there are, in any order."""
        same = {"user_id": user_id, "_id": {"$in": conversation_ids}}
        return await self._find(same, user_id, len(conversation_ids)) if conversation_ids else []

    async def with_title(self, user_id: str, phrases: list[str], limit: int) -> list[str]:
        """Return the ids of conversations whose title has all of these words or phrases."""
        found = search_query(user_id, phrases)
        async with store_errors():
            rows = await (
                self._conversations.find(found, {"user_id": 1}).sort("rank", -1).limit(limit)
            ).to_list()
        return [str(row["_id"]) for row in rows if row["user_id"] == user_id]

    async def _find(
        self, same: Mapping[str, Any], user_id: str, limit: int, order: int = -1
    ) -> list[StoredConversation]:
        async with store_errors():
            rows = await (
                self._conversations.find(dict(same)).sort("rank", order).limit(limit).to_list()
            )
        return [_conversation(row) for row in rows if row["user_id"] == user_id and row["rank"] > 0]


def _conversation(row: Mapping[str, Any]) -> StoredConversation:
    """Return a row's conversation; those of earlier versions have fewer fields."""
    return StoredConversation(
        conversation_id=row["_id"],
        user_id=row["user_id"],
        title=row["title"],
        model=row["model"],
        system=row.get("system", ""),
        sampling=row.get("sampling", {}),
        pinned=bool(row.get("pinned", False)),
        archived=bool(row.get("archived", False)),
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        rank=row["rank"],
        leaf_id=row.get("leaf_id", ""),
        share_id=row.get("share_id", ""),
        share_leaf_id=row.get("share_leaf_id", ""),
        feedback=row.get("feedback", {}),
    )
