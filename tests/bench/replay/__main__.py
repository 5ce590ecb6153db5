"""Print the table; see the package."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import uvloop

from schemas.heap import settle_heap
from tests.bench.replay.archiving import archive_rate
from tests.bench.replay.command import replay_memory
from tests.bench.replay.filling import fill
from tests.bench.replay.folding import fold_rate, raw_rate, rebuild_rate, store_rate
from tests.bench.replay.rates import Rate
from tests.support.servers import NatsServer, StoreServer, running

_MEMORY_MB = 300


class Line(NamedTuple):
    """One line of the table; without a bound it is there to compare with.

    On a busy machine the rate by the clock is that of what the others leave.
    """

    what: str
    by_clock: str
    by_cpu: str = ""
    bound: str = ""
    kept: bool = True


def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replay", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--stored-events", type=int, default=40_000, help="into the store")
    arguments = parser.parse_args()
    settle_heap()
    with tempfile.TemporaryDirectory(prefix="rivulet-replay-") as name:
        folder = Path(name)
        with (
            running(NatsServer(folder / "nats")) as nats,
            running(StoreServer(folder / "store")) as store,
        ):
            print(asyncio.run(fill(nats.url, arguments.events)))
            lines = uvloop.run(_measure(nats.url, store.url, folder, arguments.stored_events))
    print("| what | measured | a second of its CPU | bound |")
    print("| --- | ---: | ---: | ---: |")
    for what, by_clock, by_cpu, bound, _ in lines:
        print(f"| {what} | {by_clock} | {by_cpu} | {bound} |")
    return 0 if all(line.kept for line in lines) else 1


async def _measure(nats_url: str, store_url: str, folder: Path, stored: int) -> list[Line]:
    lines = [_rate("read from the log and nothing else, events/s", await raw_rate(nats_url))]
    for projection in ("history", "usage"):
        rate = await fold_rate(nats_url, projection)
        lines.append(_rate(f"folded to {projection}, events of the log/s", rate, 20_000))
    rate, megabytes = await asyncio.to_thread(archive_rate, nats_url, folder / "archive")
    lines.append(_rate("archived to the disk, events/s", rate, 20_000))
    lines.append(_memory("memory of the archiver, MB", megabytes))
    rate = await fold_rate(nats_url, "history", folder / "archive")
    lines.append(_rate("folded to history from the archive, events/s", rate, 20_000))
    lines.append(_rate("documents that the store takes, /s", await store_rate(store_url)))
    rate = await rebuild_rate(nats_url, store_url, stored)
    lines.append(_rate("rebuilt into the store, events/s", rate, 4_000))
    megabytes = await asyncio.to_thread(replay_memory, nats_url, store_url, folder)
    lines.append(_memory("memory of a replay of all events, MB", megabytes))
    return lines


def _rate(what: str, rate: Rate, bound: float = 0) -> Line:
    told = f"{bound:,.0f}" if bound else ""
    return Line(what, f"{rate.by_clock:,.0f}", f"{rate.by_cpu:,.0f}", told, rate.by_clock >= bound)


def _memory(what: str, megabytes: float) -> Line:
    return Line(what, f"{megabytes:,.0f}", "", "300", megabytes < _MEMORY_MB)


if __name__ == "__main__":
    sys.exit(main())
