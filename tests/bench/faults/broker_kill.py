"""Kill the broker with SIGKILL in mid-stream and start it again on the same port and data."""

from tests.bench.faults.round import Fault, Round
from tests.bench.faults.traffic import Reply


async def strike(current: Round) -> list[Reply]:
    """Kill the broker while replies run."""
    traffic = current.traffic()
    async with traffic.keep_running(current.options.replies):
        async for _ in current.beats():
            await traffic.until_running(1)
            await current.stack.restart_broker()
    for reply in traffic.replies:
        current.note_latency(reply.reading.longest_pause_s())
    return traffic.replies


FAULT = Fault(
    name="broker-kill",
    what="broker kill -9",
    count=100,
    per_round=10,
    # Slow enough for everybody to come back and stream again in between.
    rate=0.25,
    strike=strike,
    latency="longest pause of a reply",
)
