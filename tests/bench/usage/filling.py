"""Fill a store with a month of roll-ups, as the usage consumer would have written them."""

import random
import time

from analytics.stale_rollups import Rollup, all_users_of, hour_of
from analytics.store_client import Store
from analytics.usage_documents import owner_of
from schemas.documents import USAGE_DATABASE, USAGE_HOURS, USAGE_TOTALS
from schemas.histogram import histogram_of
from schemas.usage_totals import UsageTotals, totals_as_fields

HOUR_MS = 3_600_000
_BATCH = 1_000


async def fill(store: Store, user_id: str, others: list[str], models: int, hours: int) -> None:
    """Write hours of every user and model until now, and everybody's."""
    chance = random.Random(1)
    last_ms = time.time_ns() // 1_000_000 // HOUR_MS * HOUR_MS
    rows: list[tuple[str, dict[str, object]]] = []
    for hour in range(hours):
        for number in range(models):
            for user in (user_id, *others):
                at = Rollup(USAGE_HOURS, "", user, f"m{number}", last_ms - hour * HOUR_MS)
                rows.append((USAGE_HOURS, _row(hour_of(at), chance)))
            rows.append((USAGE_TOTALS, _row(all_users_of(at), chance)))
    for name in (USAGE_HOURS, USAGE_TOTALS):
        found = [row for collection, row in rows if collection == name]
        for first in range(0, len(found), _BATCH):
            await store[USAGE_DATABASE][name].insert_many(found[first : first + _BATCH])


def _row(rollup: Rollup, chance: random.Random) -> dict[str, object]:
    totals = UsageTotals(
        replies=40,
        completed=38,
        failed=2,
        prompt_tokens=chance.randrange(50_000),
        completion_tokens=chance.randrange(20_000),
        clients={"web": 30, "openai": 10},
        errors={"engine_error": 2},
        queue_ms=histogram_of(chance.expovariate(0.01) for _ in range(40)),
        first_token_ms=histogram_of(chance.expovariate(0.005) for _ in range(40)),
        inter_token_ms=histogram_of(chance.gauss(20, 6) for _ in range(200)),
    )
    return {
        "_id": rollup.key,
        "user_id": rollup.user_id,
        "model": rollup.model,
        "owner": owner_of(rollup.user_id, rollup.model),
        "hour_ms": rollup.hour_ms,
        "hour": hour_of(rollup).key,
        "all_users": all_users_of(rollup).key,
        "revision": "bench",
        **totals_as_fields(totals),
    }
