"""Read roll-ups of usage from the store.

Filters are plain equalities and one range, and each row's owner is checked again on the way out.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from gateway.store_client import Store, store_errors
from gateway.usage.ports import ModelHour, Period, UserModel
from schemas.documents import USAGE_DATABASE, USAGE_HOURS, USAGE_TOTALS
from schemas.usage_totals import totals_from_fields

_SUMMED = (
    "replies",
    "completed",
    "cancelled",
    "failed",
    "failed_over",
    "titles",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
)
_OF_OWN = dict.fromkeys((*_SUMMED, "user_id", "model", "hour_ms"), 1)


class MongoUsageReader:
    """Roll-ups in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._hours = store[USAGE_DATABASE][USAGE_HOURS]
        self._everybody = store[USAGE_DATABASE][USAGE_TOTALS]

    async def own(self, user_id: str, period: Period) -> list[ModelHour]:
        """Return a user's hours with what their own report sums up, and nothing else.

        How long replies took is most of a roll-up.
        """
        wanted = {"user_id": user_id, **_within(period)}
        async with store_errors():
            rows = await self._hours.find(wanted, _OF_OWN).to_list()
        return _hours(row for row in rows if row["user_id"] == user_id)

    async def everybody(self, period: Period) -> list[ModelHour]:
        """Return everybody's hours."""
        async with store_errors():
            rows = await self._everybody.find(_within(period)).to_list()
        return _hours(rows)

    async def by_user(self, period: Period) -> list[UserModel]:
        """Return what each user has used of each model."""
        grouped = {"_id": "$owner", **{name: {"$sum": f"${name}"} for name in _SUMMED}}
        async with store_errors():
            found = await self._hours.aggregate([{"$match": _within(period)}, {"$group": grouped}])
            rows = await found.to_list()
        return [_of_user(row) for row in rows if row["replies"]]


def _within(period: Period) -> dict[str, Any]:
    return {"hour_ms": {"$gte": period.since_ms, "$lt": period.until_ms}}


def _hours(rows: Iterable[Mapping[str, Any]]) -> list[ModelHour]:
    hours = [ModelHour(row["model"], row["hour_ms"], totals_from_fields(row)) for row in rows]
    # An erasure empties hours for the moment before they are gone.
    return [hour for hour in hours if hour.totals.replies]


def _of_user(row: Mapping[str, Any]) -> UserModel:
    user_id, _, model = str(row["_id"]).partition(".")
    return UserModel(user_id, unquote(model), totals_from_fields(row))
