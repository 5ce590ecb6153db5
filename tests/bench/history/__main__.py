"""Print the table; see the package."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from analytics.store_client import Store, open_store
from schemas.documents import ACCOUNTS_DATABASE, USERS
from tests.analytics.consumer_process import publisher
from tests.bench.faults.stack import Stack, StackPlan
from tests.bench.history.filling import PHRASE, Filler, Filling
from tests.bench.history.measuring import Asker, Times, beside, history_lag


class Line(NamedTuple):
    """One line of the table; the bound is for ``p99``, in milliseconds."""

    what: str
    times: Times
    bound_ms: float


async def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.history", description=__doc__)
    parser.add_argument("--conversations", type=int, default=5_000)
    parser.add_argument("--messages", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rivulet-history-") as folder:
        async with Stack(Path(folder), StackPlan(workers=1, gateways=1)) as stack:
            lines = await _measure(stack, arguments.conversations, arguments.messages)
    print("| what | p50 ms | p99 ms | max ms | bound of p99 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for what, times, bound_ms in lines:
        print(f"| {what} | {times.p50:.1f} | {times.p99:.1f} | {times.most:.1f} | {bound_ms:.0f} |")
    return 0 if all(line.times.p99 < line.bound_ms for line in lines) else 1


async def _measure(stack: Stack, conversations: int, messages: int) -> list[Line]:
    asker = Asker(stack.ports[0], {"Authorization": f"Bearer {stack.api_key}"})
    async with (
        open_store(stack.store_url) as store,
        publisher(stack.broker_url) as broker,
    ):
        # The history has made its indexes once it has stored something.
        await history_lag(broker, store, 10, 3)
        began = time.perf_counter()
        filling = await Filler(store).fill(await _dev(store), conversations, messages)
        print(f"{messages} messages were written in {time.perf_counter() - began:.0f} s")
        lines = await _reads(asker, filling)
        lag = await history_lag(broker, store, 50, 20)
    return [*lines, Line("history lag at 50 replies/s", lag, 250)]


async def _dev(store: Store) -> str:
    """Return the id of the key's user."""
    row = await store[ACCOUNTS_DATABASE][USERS].find_one({"name": "dev"})
    assert row is not None
    return str(row["_id"])


async def _reads(asker: Asker, filling: Filling) -> list[Line]:
    listed, opened = "/api/conversations", f"/api/conversations/{filling.long_conversation_id}"
    words, phrase = "/api/search?q=w17+w42", "/api/search?q=" + quote(f'"{PHRASE}"')
    for path in (listed, opened, words, phrase):
        await asker.times(path, 1, 3)
    others = await beside(lambda: asker.get(phrase), asker.times(listed, 1, 200))
    return [
        Line("first page of the list, 1 client", await asker.times(listed, 1, 300), 25),
        Line("the same, 16 clients", await asker.times(listed, 16, 50), 100),
        Line("a conversation of 200 messages, 1 client", await asker.times(opened, 1, 200), 50),
        Line("the same, 16 clients", await asker.times(opened, 16, 25), 300),
        Line("search for two words", await asker.times(words, 1, 50), 300),
        Line("search for a frequent phrase", await asker.times(phrase, 1, 50), 300),
        Line("first page of the list beside searches", others, 300),
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
