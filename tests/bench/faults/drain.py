"""Drain the worker that runs every reply, with one other there, and measure the pause."""

import asyncio
import time

from schemas import subjects
from schemas.broker import connect, disconnect
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.service import Service
from tests.bench.faults.stack import MODEL, Stack, StackPlan
from tests.bench.faults.traffic import Reply

_SHORTEST, _LONGEST = 300, 600
# The pause of a hand-over lies within this; later ones are of the next drain.
_AROUND_S = 2.0
_HEARD_WITHIN_S = 10.0


async def strike(current: Round) -> list[Reply]:
    """Drain one worker after another; the next one is there before."""
    workers, traffic = current.stack.workers, current.traffic(_SHORTEST, _LONGEST)
    for worker in workers:
        # One that is still being started again after a fault before.
        await current.stack.any_ready([worker], current.rng)
    await asyncio.gather(*(worker.stop() for worker in workers[1:]))
    drains: list[tuple[float, list[Reply]]] = []
    speaking, spare = workers[0], workers[1]
    async with traffic.keep_running(current.options.replies):
        async for _ in current.beats():
            await _start_and_hear(current.stack, spare)
            await traffic.until_running(current.options.replies)
            drains.append((time.perf_counter(), list(traffic.running())))
            await speaking.stop()
            speaking, spare = spare, speaking
    for moment, replies in drains:
        for reply in replies:
            pauses = reply.reading.pauses_s(moment, moment + _AROUND_S)
            current.note_latency(max(pauses, default=0.0))
    for worker in workers:
        if worker is not speaking:
            worker.start_soon()
    return traffic.replies


async def _start_and_hear(stack: Stack, worker: Service) -> None:
    """Start a worker and return once its beacon was heard: only then a drain hands over to it."""
    broker = await connect(stack.broker.url, "fault-run-drain")
    try:
        beacons = await broker.subscribe(subjects.beacons_of_model(MODEL))
        await worker.start()
        async with asyncio.timeout(_HEARD_WITHIN_S):
            async for beacon in beacons.messages:
                if beacon.subject.split("-")[-2] == str(worker.pid):
                    return
    finally:
        await disconnect(broker)


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
