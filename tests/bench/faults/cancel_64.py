"""Cancel replies while 64 run, and measure how long it takes to hear that the slot is free."""

import asyncio
import time

from tests.bench.faults.round import Fault, Round
from tests.bench.faults.stack import StackPlan
from tests.bench.faults.traffic import Reply

_REPLIES = 64
# Longer than a round: each of them ends by a cancel.
_TOKENS = 4_000


async def strike(current: Round) -> list[Reply]:
    """Cancel one running reply after another; a new one begins in its place."""
    traffic = current.traffic(_TOKENS, _TOKENS)
    async with traffic.keep_running(_REPLIES):
        async for _ in current.beats():
            await traffic.until_running(_REPLIES)
            reply = current.rng.choice(list(traffic.running()))
            reply.cancelled = True
            started = time.perf_counter()
            answer = await current.client.cancel(reply.reply_id)
            current.note_latency(time.perf_counter() - started)
            if not answer["slot_free"]:
                current.complain(reply, [f"its slot is not free: {answer}"])
        await traffic.stop()
        await _cancel_the_rest(current, traffic.replies)
    return traffic.replies


async def _cancel_the_rest(current: Round, replies: list[Reply]) -> None:
    rest = [reply for reply in replies if not reply.cancelled]
    for reply in rest:
        reply.cancelled = True
    await asyncio.gather(*(current.client.cancel(reply.reply_id) for reply in rest))


FAULT = Fault(
    name="cancel-64",
    what="cancel at 64 running replies",
    count=500,
    per_round=100,
    rate=5.0,
    strike=strike,
    latency="until the slot is free",
    bound_ms=250.0,
    plan=StackPlan(workers=2),
)
