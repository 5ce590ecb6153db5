"""Drain the worker that runs the replies, with one other there, and measure the pause."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from nats.aio.msg import Msg

from schemas import subjects
from schemas.broker import connect, disconnect
from schemas.frames import Attempt
from schemas.reply_log import ReplyLog, StoredFrame
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.service import Service
from tests.bench.faults.stack import MODEL, Stack, StackPlan
from tests.bench.faults.traffic import Reply

_SHORTEST, _LONGEST = 200, 400
# The pause of a hand-over lies within this; later ones are of the next drain.
_AROUND_S = 2.0
_HEARD_WITHIN_S = 10.0
_POLL_S = 0.02


class _Drain(NamedTuple):
    """One drain: the worker's process, when it was asked to stop, and what ran then, anywhere."""

    pid: int
    at_s: float
    running: list[Reply]


async def strike(current: Round) -> list[Reply]:
    """Drain one worker after another; the next one is there before."""
    stack, traffic = current.stack, current.traffic(_SHORTEST, _LONGEST)
    workers = stack.workers
    for worker in workers:
        # One that is still being started again after a fault before.
        await stack.any_ready([worker], current.rng)
    speaking, spare = workers[0], workers[1]
    await asyncio.gather(*(worker.stop() for worker in workers[1:]))
    drains: list[_Drain] = []
    async with _hearing(stack) as heard, traffic.keep_running(current.options.replies):
        spare.start_soon()
        async for _ in current.beats():
            await stack.any_ready([spare], current.rng)
            await _until_heard(spare, heard)
            await traffic.until_running(current.options.replies)
            drains.append(_Drain(speaking.pid, time.time(), list(traffic.running())))
            await speaking.stop()
            speaking.start_soon()
            speaking, spare = spare, speaking
    shift_s = time.perf_counter() - time.time()
    for drain in drains:
        for reply in drain.running:
            moment = drain.at_s + shift_s
            pauses = reply.reading.pauses_s(moment, moment + _AROUND_S)
            current.note_latency(max(pauses, default=0.0))
    await _check_hand_overs(current, drains)
    for worker in workers[2:]:
        worker.start_soon()
    return traffic.replies


async def _check_hand_overs(current: Round, drains: list[_Drain]) -> None:
    """Complain about replies that their drained worker did not hand over at once."""
    broker = await connect(current.stack.broker_url, "fault-run-drain")
    try:
        log = await ReplyLog.open(broker)
        for drain in drains:
            for reply in drain.running:
                began, ended_at_s = _course_of(await log.read(reply.reply_id))
                before = [pid for pid, at_s in began if at_s <= drain.at_s]
                after = [at_s for _, at_s in began if at_s > drain.at_s]
                soon_s = drain.at_s + _AROUND_S
                if before[-1:] != [drain.pid] or (not after and ended_at_s <= soon_s):
                    # It ran on the other worker, or was just ending.
                    continue
                if after and after[0] <= soon_s:
                    notes = current.result.notes
                    notes["handed_over"] = notes.get("handed_over", 0) + 1
                else:
                    current.complain(reply, [f"was not handed over by {drain.pid}"])
    finally:
        await disconnect(broker)


def _course_of(stored: list[StoredFrame]) -> tuple[list[tuple[int, float]], float]:
    """Return each attempt's process and when it began, and when the last frame was stored."""
    began = [
        (int(item.frame.worker.split("-")[-2]), item.stored_at_ms / 1000)
        for item in stored
        if isinstance(item.frame, Attempt)
    ]
    return began, stored[-1].stored_at_ms / 1000


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
    bound_ms=500.0,
    plan=StackPlan(workers=2),
)
