"""Remember which roll-ups must be made anew: those of which a part was written or removed.

A mark is set after the part was written and before its event is acknowledged, and goes only when
nothing was marked since it was read. So no change is missed, whoever dies between two writes.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

from pymongo import DeleteOne, UpdateOne
from pymongo.errors import BulkWriteError

from analytics.store_client import (
    Collection,
    Store,
    ensure_indexes,
    refuse_other_than_duplicates,
    store_errors,
)
from analytics.usage_documents import hour_id
from schemas.documents import (
    USAGE_DATABASE,
    USAGE_HOURS,
    USAGE_MINUTES,
    USAGE_STALE,
    USAGE_TOTALS,
    UsageDocument,
)

# By then a write that was on its way has ended, one way or the other.
_LATER_MS = 60_000
_AT_ONCE = 200


class Rollup(NamedTuple):
    """A roll-up: where it is kept, its id there, and what it counts."""

    collection: str
    key: str
    user_id: str
    model: str
    hour_ms: int


class Mark(NamedTuple):
    """A roll-up that is stale; ``touched`` is how often it was marked."""

    mark_id: str
    touched: int
    rollup: Rollup


def minute_of(usage: UsageDocument) -> Rollup:
    """Return the roll-up of a reply's user and model in its minute."""
    return Rollup(
        USAGE_MINUTES,
        usage["minute"],
        usage["user_id"],
        usage["model"],
        int(usage["hour_ms"]),
    )


def hour_of(rollup: Rollup) -> Rollup:
    """Return the roll-up of the same user and model in the whole hour."""
    key = hour_id(rollup.hour_ms, rollup.user_id, rollup.model)
    return rollup._replace(collection=USAGE_HOURS, key=key)


def all_users_of(rollup: Rollup) -> Rollup:
    """Return the roll-up of everybody with the same model in the same hour."""
    key = hour_id(rollup.hour_ms, "", rollup.model)
    return rollup._replace(collection=USAGE_TOTALS, key=key, user_id="")


class StaleRollups:
    """Marks in MongoDB; all raise ``StoreUnavailable``, ``StoreRefused`` or ``NotStorable``."""

    def __init__(self, store: Store, database: str = USAGE_DATABASE) -> None:
        self._marks: Collection = store[database][USAGE_STALE]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._marks, (["collection", "due_at_ms"], ["user_id"]))

    async def mark_minutes(self, usages: Iterable[UsageDocument], *, later: bool = False) -> None:
        """Mark the minutes of some replies; ``later``: to be made anew in a minute only."""
        await self.mark(dict.fromkeys(map(minute_of, usages)), later=later)

    async def mark(self, rollups: Iterable[Rollup], *, later: bool = False) -> None:
        """Mark roll-ups."""
        due_at_ms = time.time_ns() // 1_000_000 + (_LATER_MS if later else 0)
        marks = [_marking(rollup, due_at_ms, later=later) for rollup in rollups]
        # Of two that make the same mark at once, one finds it there: then it is an update.
        while marks:
            async with store_errors():
                try:
                    await self._marks.bulk_write(marks, ordered=False)
                except BulkWriteError as error:
                    refuse_other_than_duplicates(error)
                    failures = error.details.get("writeErrors", [])
                    marks = [marks[failure["index"]] for failure in failures]
                else:
                    return

    async def due(self, collection: str, now_ms: int) -> list[Mark]:
        """Return some stale roll-ups of one collection, the longest due first."""
        late = {"due_at_ms": {"$lte": now_ms}}
        async with store_errors():
            rows = await (
                self._marks.find({"collection": collection, **late})
                .sort("due_at_ms", 1)
                .limit(_AT_ONCE)
                .to_list()
            )
        return [
            Mark(
                row["_id"],
                int(row["touched"]),
                Rollup(
                    row["collection"],
                    row["key"],
                    row["user_id"],
                    row["model"],
                    int(row["hour_ms"]),
                ),
            )
            for row in rows
        ]

    async def settled(self, marks: Iterable[Mark]) -> None:
        """Take marks away, but for those that were set again since they were read."""
        gone = [DeleteOne({"_id": mark.mark_id, "touched": mark.touched}) for mark in marks]
        async with store_errors():
            if gone:
                await self._marks.bulk_write(gone, ordered=False)

    async def postpone(self, marks: Iterable[Mark]) -> None:
        """Have roll-ups that cannot be made come again later, and others before them."""
        due_at_ms = time.time_ns() // 1_000_000 + _LATER_MS
        later = [
            UpdateOne(
                {"_id": mark.mark_id, "touched": mark.touched}, {"$set": {"due_at_ms": due_at_ms}}
            )
            for mark in marks
        ]
        async with store_errors():
            if later:
                await self._marks.bulk_write(later, ordered=False)

    async def forget(self, user_id: str) -> None:
        """Take away all marks that name a user."""
        async with store_errors():
            await self._marks.delete_many({"user_id": user_id})


def _marking(rollup: Rollup, due_at_ms: int, *, later: bool) -> UpdateOne:
    # A later mark is one of its own: it must not go with what is made anew before.
    mark_id = f"{rollup.collection}.{rollup.key}{'.later' if later else ''}"
    change = {
        "$inc": {"touched": 1},
        "$set": {"due_at_ms": due_at_ms},
        "$setOnInsert": rollup._asdict(),
    }
    return UpdateOne({"_id": mark_id}, change, upsert=True)
