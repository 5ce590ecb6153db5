"""Lose deltas between the worker and the broker at random, with no error to anybody."""

import asyncio
from pathlib import Path

from tests.bench.faults import dropping_worker
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.stack import StackPlan
from tests.bench.faults.traffic import Reply

_POLL_S = 0.1
# Where nothing is dropped the worker does not publish deltas as ``dropping_worker`` thinks.
_PATIENCE_S = 300.0


async def strike(current: Round) -> list[Reply]:
    """Let replies run until enough deltas were dropped."""
    traffic = current.traffic()
    before = _dropped(current.stack.folder)
    async with traffic.keep_running(current.options.replies):
        goal = before + current.options.injections
        async with asyncio.timeout(_PATIENCE_S):
            while _dropped(current.stack.folder) < goal:  # noqa: ASYNC110 - other processes count
                await asyncio.sleep(_POLL_S)
    current.result.injected = _dropped(current.stack.folder) - before
    return traffic.replies


def _dropped(folder: Path) -> int:
    path = folder / dropping_worker.DROPPED
    return path.stat().st_size if path.exists() else 0


FAULT = Fault(
    name="dropped-deltas",
    what="delta dropped (0.4 %)",
    count=1_000,
    per_round=200,
    # Drops come at their own rate, which is that of the frames.
    rate=1.0,
    strike=strike,
    plan=StackPlan(workers=4, tokens_per_s=150, worker_module="tests.bench.faults.dropping_worker"),
)
