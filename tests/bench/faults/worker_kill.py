"""Kill a random worker with SIGKILL, about once a second, and start it again at once."""

from tests.bench.faults.round import Fault, Round
from tests.bench.faults.traffic import Reply


async def strike(current: Round) -> list[Reply]:
    """Kill workers while replies run."""
    traffic, stack = current.traffic(), current.stack
    async with traffic.keep_running(current.options.replies):
        async for _ in current.beats():
            worker = await stack.any_ready(stack.workers, current.rng)
            await worker.kill()
            worker.start_soon()
    current.note_takeovers(traffic)
    return traffic.replies


FAULT = Fault(
    name="worker-kill",
    what="worker kill -9",
    count=1_000,
    per_round=40,
    rate=1.0,
    strike=strike,
    latency="pause of a reply that was taken over",
)
