"""Write the usage: one document a reply, counted once however often its event comes.

After its document is written the roll-up of its minute is marked as stale, before the event is
acknowledged; why the roll-ups cannot count a reply twice is in ``docs/adr/0012-usage-rollups.md``.
"""

from collections.abc import Sequence
from typing import Protocol, cast

from pymongo.errors import BulkWriteError

from analytics.grouping import Grouping
from analytics.stale_rollups import StaleRollups
from analytics.store_client import (
    Collection,
    Store,
    ensure_indexes,
    refuse_other_than_duplicates,
    store_errors,
)
from analytics.usage_documents import minute_id
from schemas.documents import USAGE, USAGE_DATABASE, UsageDocument

_INDEXES = (["user_id"], ["hour_ms"], ["user_id", "hour_ms"], ["minute"])
_AT_ONCE = 500


class UsageStore(Protocol):
    """Where usage is kept; all raise ``StoreUnavailable``, ``StoreRefused``, ``NotStorable``."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def add(self, usage: UsageDocument) -> None:
        """Keep a reply's usage."""

    async def add_all(self, usages: Sequence[UsageDocument]) -> None:
        """Keep many replies' usage."""


class MongoUsageStore:
    """The usage in MongoDB, in a database of its own."""

    def __init__(self, store: Store, database: str = USAGE_DATABASE) -> None:
        self._usage: Collection = store[database][USAGE]
        self._stale = StaleRollups(store, database)
        self._ends = Grouping(self._add_some)

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._usage, _INDEXES)
        await self._stale.prepare()

    async def add(self, usage: UsageDocument) -> None:
        """Keep the document; of several ends of one reply the one that finished first counts."""
        await self._ends.add(usage)

    async def _add_some(self, usages: Sequence[UsageDocument]) -> Sequence[None]:
        await self.add_all(usages)
        return [None] * len(usages)

    async def add_all(self, usages: Sequence[UsageDocument]) -> None:
        """Keep many documents; those that are there already are looked at one by one."""
        async with store_errors():
            try:
                await self._usage.insert_many([{**usage} for usage in usages], ordered=False)
            except BulkWriteError as error:
                refuse_other_than_duplicates(error)
                failures = error.details.get("writeErrors", [])
                for repeated in {failure["index"] for failure in failures}:
                    await self._replace_later(usages[repeated])
        await self._stale.mark_minutes(usages)

    async def adopt_earlier(self) -> None:
        """Have documents of an earlier version counted, which names no minute."""
        while True:
            async with store_errors():
                rows = await (
                    self._usage.find({"minute": {"$exists": False}}).limit(_AT_ONCE).to_list()
                )
                for row in rows:
                    row["minute"] = minute_id(row["finished_at_ms"], row["user_id"], row["model"])
                # First, as below: a document that has its minute is not looked at again.
                marked = [cast("UsageDocument", row) for row in rows]
                await self._stale.mark_minutes(marked, later=True)
                for row in rows:
                    same = {"_id": row["_id"]}
                    await self._usage.update_one(same, {"$set": {"minute": row["minute"]}})
            if len(rows) < _AT_ONCE:
                return

    async def _replace_later(self, usage: UsageDocument) -> None:
        """Put the document in the place of one that finished later, and have both minutes made."""
        found = await self._usage.find_one({"_id": usage["_id"]})
        if found is None or found["finished_at_ms"] <= usage["finished_at_ms"]:
            return
        # Known only now: were this to end between the two writes, nobody else could tell.
        await self._stale.mark_minutes([cast("UsageDocument", found)], later=True)
        await self._usage.update_one(
            {"_id": usage["_id"], "finished_at_ms": {"$gt": usage["finished_at_ms"]}},
            {"$set": {key: value for key, value in usage.items() if key != "_id"}},
        )
