"""Kill one of the gateways with SIGKILL; its clients resume elsewhere, and it is started again."""

from tests.bench.faults.round import Fault, Round
from tests.bench.faults.traffic import Reply


async def strike(current: Round) -> list[Reply]:
    """Kill gateways while replies run, never the last one."""
    traffic, stack = current.traffic(), current.stack
    async with traffic.keep_running(current.options.replies):
        async for _ in current.beats():
            victim = await stack.any_ready(stack.gateways, current.rng)
            others = [gateway for gateway in stack.gateways if gateway is not victim]
            await stack.any_ready(others, current.rng)
            await victim.kill()
            victim.start_soon()
    for reply in traffic.replies:
        if reply.reading.connections > 1:
            current.note_latency(reply.reading.longest_pause_s())
    return traffic.replies


FAULT = Fault(
    name="gateway-kill",
    what="gateway kill -9",
    count=200,
    per_round=20,
    rate=0.5,
    strike=strike,
    latency="longest pause of a reader that resumed",
)
