"""Print the table; see the package."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from analytics.store_client import Store, open_store
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.store_client import open_store as open_gateway_store
from schemas.documents import ACCOUNTS_DATABASE, USERS
from schemas.ids import new_user_id
from tests.analytics.consumer_process import publisher
from tests.bench.faults.stack import Stack, StackPlan
from tests.bench.history.__main__ import Line
from tests.bench.history.measuring import Asker
from tests.bench.usage.filling import fill
from tests.bench.usage.measuring import consumer_lags, rollup_lag

_USERS, _MODELS, _HOURS = 20, 2, 24 * 30


async def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.usage", description=__doc__)
    parser.add_argument("--rate", type=int, default=100, help="finished replies a second")
    parser.add_argument("--seconds", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rivulet-usage-") as folder:
        async with Stack(Path(folder), StackPlan(workers=1, gateways=1)) as stack:
            lines = await _measure(stack, arguments.rate, arguments.seconds)
    print("| what | p50 ms | p99 ms | max ms | bound of p99 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for what, times, bound_ms in lines:
        print(f"| {what} | {times.p50:.1f} | {times.p99:.1f} | {times.most:.1f} | {bound_ms:.0f} |")
    return 0 if all(line.times.p99 < line.bound_ms for line in lines) else 1


async def _measure(stack: Stack, rate: int, seconds: int) -> list[Line]:
    async with open_store(stack.store_url) as store, publisher(stack.broker_url) as broker:
        # The consumers have made their indexes once they have stored something.
        await consumer_lags(broker, store, 10, 3)
        history, usage = await consumer_lags(broker, store, rate, seconds)
        rollups = await rollup_lag(broker, store, 15)
        reads = await _reads(stack, store)
    return [
        Line(f"lag of history at {rate} replies/s", history, 500),
        Line(f"lag of usage at {rate} replies/s", usage, 500),
        Line("lag of everybody's roll-up", rollups, 5_000),
        *reads,
    ]


async def _reads(stack: Stack, store: Store) -> list[Line]:
    row = await store[ACCOUNTS_DATABASE][USERS].find_one({"name": "dev"})
    assert row is not None
    others = [new_user_id() for _ in range(_USERS - 1)]
    await fill(store, str(row["_id"]), others, _MODELS, _HOURS)
    own = Asker(stack.ports[0], {"Authorization": f"Bearer {stack.api_key}"})
    admin = Asker(stack.ports[0], {"Authorization": f"Bearer {await _admin_token(stack)}"})
    own_times = await own.times("/api/usage", 1, 20)
    admin_times = await admin.times("/api/admin/usage", 1, 10)
    return [
        Line("own usage of a month", own_times, 500),
        Line(f"everybody's usage of a month, {_USERS} users", admin_times, 2_000),
    ]


async def _admin_token(stack: Stack) -> str:
    async with open_gateway_store(stack.store_url) as store:
        _, code = await MongoInvitationStore(store).invite("bench", "admin", "")
    body = {"email": "bench@example.org", "password": "a long enough one", "code": code}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.ports[0]}", timeout=30) as http:
        answer = await http.post("/api/auth/register", json={**body, "name": "Bench"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
