"""Erase what a user has used, also out of the roll-ups of everybody.

The steps may be repeated, in this order: the user's hours are the last to go, because they say
which roll-ups of everybody counted them, and they count nothing before those are made anew.
"""

from analytics.stale_rollups import StaleRollups
from analytics.store_client import Collection, Store, store_errors
from analytics.usage_rollup_store import MongoRollupStore
from schemas.documents import USAGE, USAGE_DATABASE


class UsageErasure:
    """Usage in MongoDB; raises ``StoreUnavailable`` or ``StoreRefused``."""

    def __init__(self, store: Store) -> None:
        self._usage: Collection = store[USAGE_DATABASE][USAGE]
        self._rollups = MongoRollupStore(store)
        self._stale = StaleRollups(store)

    async def forget(self, user_id: str) -> None:
        """Delete a user's usage and roll-ups; what everybody comes to is made anew soon."""
        async with store_errors():
            await self._usage.delete_many({"user_id": user_id})
        await self._stale.mark(await self._rollups.empty(user_id))
        await self._stale.forget(user_id)
        await self._rollups.forget(user_id)
