"""Write the usage: one document a reply, counted once however often its event comes."""

from typing import Protocol

from pymongo.errors import DuplicateKeyError

from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from schemas.documents import USAGE, USAGE_DATABASE, UsageDocument

_INDEXES = (["user_id"], ["hour_ms"], ["user_id", "hour_ms"])


class UsageStore(Protocol):
    """Where the usage is kept."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def add(self, usage: UsageDocument) -> None:
        """Keep a reply's usage; raises ``StoreUnavailable``, ``StoreRefused``, ``NotStorable``."""


class MongoUsageStore:
    """The usage in MongoDB, in a database of its own."""

    def __init__(self, store: Store, database: str = USAGE_DATABASE) -> None:
        self._usage: Collection = store[database][USAGE]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._usage, _INDEXES)

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
