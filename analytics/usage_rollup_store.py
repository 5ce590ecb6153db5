"""Make roll-ups of usage: minutes from replies, hours from minutes, everybody's from hours.

A roll-up is always made anew from its parts and never added to, so nothing is counted twice. It is
written only if it is as it was before its parts were read: what is written later was read later,
and has all that is written earlier.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from pymongo import DeleteOne, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from analytics.stale_rollups import Rollup, all_users_of, hour_of
from analytics.store_client import (
    Collection,
    Store,
    ensure_indexes,
    refuse_other_than_duplicates,
    store_errors,
)
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

_Write = InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]] | DeleteOne


class MongoRollupStore:
    """Roll-ups in MongoDB; all raise ``StoreUnavailable``, ``StoreRefused`` or ``NotStorable``."""

    def __init__(self, store: Store) -> None:
        self._usage = store[USAGE_DATABASE]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            for name, indexes in _INDEXES.items():
                await ensure_indexes(self._usage[name], indexes)

    async def make_anew(self, rollups: Sequence[Rollup]) -> set[Rollup]:
        """Make roll-ups of one collection from their parts; return those that are made.

        Somebody else was writing the others in this moment: they are to be made again. Together,
        because the embedded store takes longer for a request than for what it asks.
        """
        if not rollups:
            return set()
        collection: Collection = self._usage[rollups[0].collection]
        same = {"_id": {"$in": [rollup.key for rollup in rollups]}}
        async with store_errors():
            # First: parts that are written after this are seen, or somebody else's write is.
            found = {row["_id"]: row for row in await collection.find(same).to_list()}
            totals = await self._totals(rollups)
            new = {rollup: _document(rollup, totals[rollup.key]) for rollup in rollups}
            writes = [_write(rollup, new[rollup], found.get(rollup.key)) for rollup in rollups]
            await _write_all(collection, [write for write in writes if write is not None])
            # What became of each the answer does not say.
            rows = await collection.find(same, {"revision": 1}).to_list()
        revisions = {row["_id"]: row["revision"] for row in rows}
        return {
            rollup
            for rollup, document in new.items()
            if revisions.get(rollup.key) == (document and document["revision"])
        }

    async def empty(self, user_id: str) -> list[Rollup]:
        """Let a user's hours count nothing, and return those of everybody that counted them."""
        hours: Collection = self._usage[USAGE_HOURS]
        async with store_errors():
            rows = await hours.find({"user_id": user_id}).to_list()
            for row in rows:
                emptied = {**row, **totals_as_fields(_NOTHING), "revision": _new_revision()}
                await hours.replace_one({"_id": row["_id"], "user_id": user_id}, emptied)
        hours_of = (
            Rollup(USAGE_HOURS, row["_id"], user_id, row["model"], int(row["hour_ms"]))
            for row in rows
        )
        return list(dict.fromkeys(map(all_users_of, hours_of)))

    async def forget(self, user_id: str) -> None:
        """Delete the roll-ups of a user."""
        async with store_errors():
            for name in (USAGE_MINUTES, USAGE_HOURS):
                await self._usage[name].delete_many({"user_id": user_id})

    async def _totals(self, rollups: Sequence[Rollup]) -> dict[str, UsageTotals]:
        source, field = _PARTS[rollups[0].collection]
        parts: dict[str, list[dict[str, Any]]] = {rollup.key: [] for rollup in rollups}
        for row in await self._usage[source].find({field: {"$in": list(parts)}}).to_list():
            parts[row[field]].append(row)
        if source == USAGE:
            return {key: totals_of(rows) for key, rows in parts.items()}
        return {
            key: merged_totals([totals_from_fields(row) for row in rows])
            for key, rows in parts.items()
        }


def _document(rollup: Rollup, totals: UsageTotals) -> dict[str, Any] | None:
    """Return what a roll-up is to be; ``None``: there is nothing to count."""
    return {**_frame(rollup), **totals_as_fields(totals)} if totals.replies else None


def _write(
    rollup: Rollup, new: dict[str, Any] | None, found: dict[str, Any] | None
) -> _Write | None:
    """Return the write that makes of what was found what is to be."""
    if found is None:
        return None if new is None else InsertOne(new)
    same = {"_id": rollup.key, "revision": found["revision"]}
    return DeleteOne(same) if new is None else ReplaceOne(same, new)


async def _write_all(collection: Collection, writes: list[_Write]) -> None:
    if not writes:
        return
    try:
        await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        # What somebody else has just inserted.
        refuse_other_than_duplicates(error)


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
