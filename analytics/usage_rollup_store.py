"""Make roll-ups of usage: minutes from replies, hours from minutes, everybody's from hours.

A roll-up is always made anew from its parts and never added to, so nothing is counted twice. It is
written only if it is as it was before its parts were read: what is written later was read later,
and has all that is written earlier.
"""

import secrets
from typing import Any

from pymongo.errors import DuplicateKeyError

from analytics.stale_rollups import Rollup, all_users_of, hour_of
from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from analytics.usage_documents import owner_of, totals_of
from schemas.documents import (
    USAGE,
    USAGE_DATABASE,
    USAGE_HOURS,
    USAGE_MINUTES,
    USAGE_TOTALS,
    RollupDocument,
)
from schemas.usage_totals import (
    UsageTotals,
    merged_totals,
    totals_as_fields,
    totals_from_fields,
)

# Which collection's documents are the parts of a roll-up, and the field by which they name it.
_PARTS = {
    USAGE_MINUTES: (USAGE, "minute"),
    USAGE_HOURS: (USAGE_MINUTES, "hour"),
    USAGE_TOTALS: (USAGE_HOURS, "all_users"),
}
_INDEXES = {
    USAGE_MINUTES: (["hour"], ["user_id"]),
    USAGE_HOURS: (["all_users"], ["user_id"], ["hour_ms"], ["user_id", "hour_ms"]),
    USAGE_TOTALS: (["hour_ms"],),
}
_NOTHING = UsageTotals()


class MongoRollupStore:
    """Roll-ups in MongoDB; all raise ``StoreUnavailable``, ``StoreRefused`` or ``NotStorable``."""

    def __init__(self, store: Store) -> None:
        self._usage = store[USAGE_DATABASE]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            for name, indexes in _INDEXES.items():
                await ensure_indexes(self._usage[name], indexes)

    async def make_anew(self, rollup: Rollup) -> bool:
        """Make a roll-up from its parts; false if somebody else did so meanwhile: do it again."""
        collection: Collection = self._usage[rollup.collection]
        async with store_errors():
            # First: parts that are written after this are seen, or somebody else's write is.
            found = await collection.find_one({"_id": rollup.key})
            totals = await self._totals(rollup)
            if totals.replies:
                return await _write(collection, rollup, totals, found)
            return found is None or await _remove(collection, found)

    async def empty(self, user_id: str) -> list[Rollup]:
        """Let a user's hours count nothing, and return those of everybody that counted them."""
        hours: Collection = self._usage[USAGE_HOURS]
        async with store_errors():
            rows = await hours.find({"user_id": user_id}).to_list()
            for row in rows:
                emptied = {**row, **totals_as_fields(_NOTHING), "revision": _new_revision()}
                await hours.replace_one({"_id": row["_id"], "user_id": user_id}, emptied)
        return [
            all_users_of(
                Rollup(USAGE_HOURS, row["_id"], user_id, row["model"], int(row["hour_ms"]))
            )
            for row in rows
        ]

    async def forget(self, user_id: str) -> None:
        """Delete the roll-ups of a user."""
        async with store_errors():
            for name in (USAGE_MINUTES, USAGE_HOURS):
                await self._usage[name].delete_many({"user_id": user_id})

    async def _totals(self, rollup: Rollup) -> UsageTotals:
        source, field = _PARTS[rollup.collection]
        rows = await self._usage[source].find({field: rollup.key}).to_list()
        if rollup.collection == USAGE_MINUTES:
            return totals_of(rows)
        return merged_totals([totals_from_fields(row) for row in rows])


async def _write(
    collection: Collection, rollup: Rollup, totals: UsageTotals, found: dict[str, Any] | None
) -> bool:
    # The later part wins: a document's own fields are never those of the totals.
    new = {**_frame(rollup), **totals_as_fields(totals)}
    if found is None:
        try:
            await collection.insert_one(new)
        except DuplicateKeyError:
            return False
        return True
    same = {"_id": rollup.key, "revision": found["revision"]}
    return (await collection.replace_one(same, new)).matched_count > 0


async def _remove(collection: Collection, found: dict[str, Any]) -> bool:
    same = {"_id": found["_id"], "revision": found["revision"]}
    return (await collection.delete_one(same)).deleted_count > 0


def _frame(rollup: Rollup) -> RollupDocument:
    return RollupDocument(
        _id=rollup.key,
        user_id=rollup.user_id,
        model=rollup.model,
        owner=owner_of(rollup.user_id, rollup.model),
        hour_ms=rollup.hour_ms,
        hour=hour_of(rollup).key,
        all_users=all_users_of(rollup).key,
        revision=_new_revision(),
    )


def _new_revision() -> str:
    # Random: one that counts would begin again with a document that was removed and made anew.
    return secrets.token_hex(8)
