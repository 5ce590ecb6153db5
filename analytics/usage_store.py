"""Write the usage: one document a reply, counted once however often its event comes."""

from typing import Protocol

from pymongo.errors import DuplicateKeyError

from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from schemas.documents import ERASED_USERS, USAGE, USAGE_DATABASE, UsageDocument

_INDEXES = (["user_id"], ["hour_ms"], ["user_id", "hour_ms"])


class UsageStore(Protocol):
    """Where the usage is kept."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def erase_user(self, user_id: str) -> None:
        """Forget a user's usage, and keep none from now on; raises as ``add`` does."""

    async def forget_if_erased(self, user_id: str) -> None:
        """Forget a user's usage again if they are erased; raises as ``add`` does."""

    async def add(self, usage: UsageDocument) -> None:
        """Keep a reply's usage; raises ``StoreUnavailable``, ``StoreRefused``, ``NotStorable``."""


class MongoUsageStore:
    """The usage in MongoDB, in a database of its own."""

    def __init__(self, store: Store) -> None:
        self._usage: Collection = store[USAGE_DATABASE][USAGE]
        # In the same database: a fold knows nothing of other folds.
        self._erased: Collection = store[USAGE_DATABASE][ERASED_USERS]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._usage, _INDEXES)

    async def erase_user(self, user_id: str) -> None:
        """Forget a user's usage, and keep none from now on."""
        async with store_errors():
            # The note comes first: whoever adds a document looks for it afterwards.
            await self._erased.update_one(
                {"_id": user_id}, {"$set": {"user_id": user_id}}, upsert=True
            )
            await self._usage.delete_many({"user_id": user_id})

    async def forget_if_erased(self, user_id: str) -> None:
        """Forget a user's usage again if they are erased."""
        async with store_errors():
            if await self._erased.find_one({"_id": user_id}) is not None:
                await self._usage.delete_many({"user_id": user_id})

    async def add(self, usage: UsageDocument) -> None:
        """Keep the document; of several ends of one reply the one that finished first counts."""
        async with store_errors():
            try:
                await self._usage.insert_one({**usage})
            except DuplicateKeyError:
                await self._usage.update_one(
                    {"_id": usage["_id"], "finished_at_ms": {"$gt": usage["finished_at_ms"]}},
                    {"$set": {key: value for key, value in usage.items() if key != "_id"}},
                )
