"""Keep who asked for a conversation's title: one claim a conversation, so it is asked for once."""

from collections.abc import Sequence
from typing import Protocol, cast

from analytics.grouping import Grouping
from analytics.store_client import (
    Collection,
    Store,
    ensure_indexes,
    insert_new,
    store_errors,
)
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, TITLES, TitleDocument

# Nobody's, or the first words of the question, until there is a better one.
_REPLACEABLE = ("", "prompt")


class TitleStore(Protocol):
    """Where claims are kept; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def wants_title(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether the conversation has no title but the first words of its question."""

    async def claim_of(self, conversation_id: str) -> TitleDocument | None:
        """Return a conversation's claim."""

    async def add(self, claim: TitleDocument) -> bool:
        """Keep a claim; false when there is one."""

    async def renew(self, old: TitleDocument, new: TitleDocument) -> bool:
        """Put a claim in the place of another; false when that has gone."""

    async def withdraw(self, claim: TitleDocument) -> None:
        """Forget a claim."""


class MongoTitleStore:
    """Claims in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._titles: Collection = store[CHAT_DATABASE][TITLES]
        self._conversations: Collection = store[CHAT_DATABASE][CONVERSATIONS]
        self._asked = Grouping(self._claims_of)
        self._wanting = Grouping(self._want_titles)
        self._new = Grouping(self._add_all)

    async def prepare(self) -> None:
        """Make the index."""
        async with store_errors():
            await ensure_indexes(self._titles, (["user_id"],))

    async def wants_title(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether the conversation has no title but the first words of its question."""
        return await self._wanting.add((user_id, conversation_id))

    async def _want_titles(self, asked: Sequence[tuple[str, str]]) -> Sequence[bool]:
        ids = [conversation_id for _, conversation_id in asked]
        fields = {"user_id": 1, "title_by": 1}
        async with store_errors():
            rows = await self._conversations.find({"_id": {"$in": ids}}, fields).to_list()
        titled = {
            (row["user_id"], row["_id"])
            for row in rows
            if row.get("title_by", "") not in _REPLACEABLE
        }
        # The history may not have come so far; it lets an owner's title win in any case.
        return [one not in titled for one in asked]

    async def claim_of(self, conversation_id: str) -> TitleDocument | None:
        """Return a conversation's claim."""
        return await self._asked.add(conversation_id)

    async def _claims_of(self, asked: Sequence[str]) -> Sequence[TitleDocument | None]:
        async with store_errors():
            rows = await self._titles.find({"_id": {"$in": list(asked)}}).to_list()
        # The driver's own integers cannot be encoded as JSON.
        claims = {
            row["_id"]: cast("TitleDocument", {**row, "asked_at_ms": int(row["asked_at_ms"])})
            for row in rows
        }
        return [claims.get(conversation_id) for conversation_id in asked]

    async def add(self, claim: TitleDocument) -> bool:
        """Keep a claim; false when there is one."""
        return await self._new.add(claim)

    async def _add_all(self, claims: Sequence[TitleDocument]) -> Sequence[bool]:
        return await insert_new(self._titles, [{**claim} for claim in claims])

    async def renew(self, old: TitleDocument, new: TitleDocument) -> bool:
        """Put a claim in the place of another; false when that has gone."""
        same = {"_id": old["_id"], "title_reply_id": old["title_reply_id"]}
        async with store_errors():
            return (await self._titles.replace_one(same, {**new})).matched_count > 0

    async def withdraw(self, claim: TitleDocument) -> None:
        """Forget a claim."""
        same = {"_id": claim["_id"], "title_reply_id": claim["title_reply_id"]}
        async with store_errors():
            await self._titles.delete_one(same)
