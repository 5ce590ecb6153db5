"""Cancel replies among worker kills, pauses longer than ``ack_wait`` and broker restarts."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.faults.round import Fault, Round
from tests.bench.faults.traffic import Reply, Traffic

_READERS = 2
# Seconds between two of a kind, on average.
_KILL_EVERY_S, _PAUSE_EVERY_S, _RESTART_EVERY_S = 2.0, 5.0, 10.0
_FIRST_WITHIN_S = 1.5
# One in so many cancels meets a reply that nobody has begun, comes from two clients at once, or is
# repeated after the end.
_NEW_ONE_IN, _TWICE_ONE_IN, _AGAIN_ONE_IN = 4, 3, 4


async def strike(current: Round) -> list[Reply]:
    """Cancel replies of every kind, and leave nothing else in peace."""
    traffic = current.traffic(readers=_READERS)
    answers: dict[str, list[dict[str, Any]]] = {}
    async with (
        traffic.keep_running(current.options.replies),
        _unrest(current),
        asyncio.TaskGroup() as cancels,
    ):
        async for _ in current.beats():
            cancels.create_task(_cancel_one(current, traffic, answers))
    for reply in traffic.replies:
        end = reply.reading.done and reply.reading.done["status"]
        if end == "cancelled":
            _count(current, "ended_cancelled")
        for answer in answers.get(reply.reply_id, []):
            if answer["status"] != end:
                current.complain(reply, [f"a cancel said {answer}, the reader saw {end}"])
    return traffic.replies


async def _cancel_one(
    current: Round, traffic: Traffic, answers: dict[str, list[dict[str, Any]]]
) -> None:
    rng, client = current.rng, current.client
    running = list(traffic.running())
    if running and rng.randrange(_NEW_ONE_IN):
        reply = rng.choice(running)
    else:
        reply = await traffic.ask_one_more()
    reply.cancelled = True
    sides = 1 if rng.randrange(_TWICE_ONE_IN) else 2
    given = answers.setdefault(reply.reply_id, [])
    given += await asyncio.gather(*(client.cancel(reply.reply_id) for _ in range(sides)))
    if not rng.randrange(_AGAIN_ONE_IN):
        given.append(await client.cancel(reply.reply_id))


@asynccontextmanager
async def _unrest(current: Round) -> AsyncIterator[None]:
    """Kill and pause workers and restart the broker while the block runs."""
    over = asyncio.Event()
    kinds = ((_KILL_EVERY_S, _kill), (_PAUSE_EVERY_S, _pause), (_RESTART_EVERY_S, _restart))
    async with asyncio.TaskGroup() as tasks:
        for every_s, disturb in kinds:
            tasks.create_task(_now_and_then(current, every_s, disturb, over))
        try:
            yield
        finally:
            # What has begun is brought to its end: nobody stays paused, and the broker is back.
            over.set()


async def _now_and_then(
    current: Round, every_s: float, disturb: Callable[[Round], Awaitable[None]], over: asyncio.Event
) -> None:
    # The first ones come soon: a short round has some of each kind too.
    wait_s = current.rng.uniform(0.0, _FIRST_WITHIN_S)
    while True:
        try:
            async with asyncio.timeout(wait_s):
                await over.wait()
            return
        except TimeoutError:
            _count(current, disturb.__name__)
            await disturb(current)
        wait_s = current.rng.uniform(0.5, 1.5) * every_s


async def _kill(current: Round) -> None:
    worker = await current.stack.any_ready(current.stack.workers, current.rng)
    await worker.kill()
    worker.start_soon()


async def _pause(current: Round) -> None:
    """Stop a worker for so long that its replies go to others, then let it wake up."""
    worker = await current.stack.any_ready(current.stack.workers, current.rng)
    worker.ready = False
    worker.signal(signal.SIGSTOP)
    await asyncio.sleep(current.stack.plan.ack_wait_s + current.rng.uniform(0.5, 2.5))
    worker.signal(signal.SIGCONT)
    worker.ready = True


async def _restart(current: Round) -> None:
    await current.stack.restart_broker()


def _count(current: Round, kind: str) -> None:
    notes = current.result.notes
    notes[kind.strip("_")] = notes.get(kind.strip("_"), 0) + 1


FAULT = Fault(
    name="cancel",
    what="cancel among kills, pauses and restarts",
    count=200,
    per_round=40,
    rate=2.0,
    strike=strike,
)
