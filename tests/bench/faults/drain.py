"""Drain the worker that runs the replies, with one other there, and measure the pause."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.msg import Msg

from schemas import subjects
from schemas.broker import connect, disconnect
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.service import Service
from tests.bench.faults.stack import MODEL, Stack, StackPlan
from tests.bench.faults.traffic import Reply

_SHORTEST, _LONGEST = 200, 400
# The pause of a hand-over lies within this; later ones are of the next drain.
_AROUND_S = 2.0
_HEARD_WITHIN_S = 10.0
_POLL_S = 0.02


async def strike(current: Round) -> list[Reply]:
    """Drain one worker after another; the next one is there before."""
    stack, traffic = current.stack, current.traffic(_SHORTEST, _LONGEST)
    workers = stack.workers
    for worker in workers:
        # One that is still being started again after a fault before.
        await stack.any_ready([worker], current.rng)
    speaking, spare = workers[0], workers[1]
    await asyncio.gather(*(worker.stop() for worker in workers[1:]))
    drains: list[tuple[float, list[Reply]]] = []
    async with _hearing(stack) as heard, traffic.keep_running(current.options.replies):
        spare.start_soon()
        async for _ in current.beats():
            await stack.any_ready([spare], current.rng)
            await _until_heard(spare, heard)
            await traffic.until_running(current.options.replies)
            drains.append((time.perf_counter(), list(traffic.running())))
            await speaking.stop()
            speaking.start_soon()
            speaking, spare = spare, speaking
    for moment, replies in drains:
        for reply in replies:
            pauses = reply.reading.pauses_s(moment, moment + _AROUND_S)
            current.note_latency(max(pauses, default=0.0))
    for worker in workers[2:]:
        worker.start_soon()
    return traffic.replies


@asynccontextmanager
async def _hearing(stack: Stack) -> AsyncIterator[set[int]]:
    """Collect the processes of workers whose beacons were heard."""
    heard: set[int] = set()

    async def hear(beacon: Msg) -> None:
        heard.add(int(beacon.subject.split("-")[-2]))

    broker = await connect(stack.broker_url, "fault-run-drain")
    try:
        await broker.subscribe(subjects.beacons_of_model(MODEL), cb=hear)
        yield heard
    finally:
        await disconnect(broker)


async def _until_heard(worker: Service, heard: set[int]) -> None:
    """Return once a worker was heard: only then a drain hands over to it."""
    async with asyncio.timeout(_HEARD_WITHIN_S):
        while worker.pid not in heard:  # noqa: ASYNC110 - many events
            await asyncio.sleep(_POLL_S)


FAULT = Fault(
    name="drain",
    what="drain (SIGTERM)",
    count=30,
    per_round=10,
    # Bounded by how fast a worker starts.
    rate=2.0,
    strike=strike,
    latency="pause of a stream around the drain",
    plan=StackPlan(workers=2),
)
