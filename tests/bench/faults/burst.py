"""Send frames as fast as the workers can, while a neighbour overruns the broker's ingest limit.

The workers' window keeps their own frames within the limit (``workers/delta_publisher.py``), so a
client of the broker without a window floods the token log beside them: then the broker drops
frames silently, theirs among them.
"""

import asyncio

from nats.aio.client import Client as Broker

from schemas import subjects
from schemas.broker import connect, disconnect
from schemas.streams import REPLIES
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.stack import StackPlan
from tests.bench.faults.traffic import Reply
from tests.support.servers import NatsServer

# As many as one user may have at once, and some room.
_REPLIES = 200
# An engine in a hurry gives several tokens at a time: more tokens than frames are needed.
_TOKENS_PER_FRAME = 2
# Fewer would be over before the flood comes.
_FEWEST_TOKENS = 100
# The flood is over long before the replies are.
_HUNG_AFTER_S = 180.0
# At once from each of the flood's connections, again until the broker says that it drops frames.
_FLOOD = 50_000
_CONNECTIONS, _MAX_FLOODS = 4, 5
_DROPPING = b"excessive stream ingest rate"
_FRAME = b"x" * 120


async def strike(current: Round) -> list[Reply]:
    """Let many replies run at full speed, and flood the log in their midst."""
    stack, wanted = current.stack, current.options.injections
    tokens = max(_FEWEST_TOKENS, wanted * _TOKENS_PER_FRAME // _REPLIES)
    traffic = current.traffic(tokens, tokens)
    subject = subjects.reply(f"FLOOD-{current.options.seed.replace('.', '-')}")
    broker = await connect(stack.broker_url, "fault-run-burst")
    try:
        async with traffic.run_at_once(_REPLIES, _HUNG_AFTER_S):
            # Short ones may be over before others begin.
            await traffic.until_begun(_REPLIES // 4)
            sent = await _flood_until_dropped(stack.broker, subject)
        stored = await _stored(broker, subject)
    finally:
        await disconnect(broker)
    current.result.injected = sum(len(reply.reading.texts) for reply in traffic.replies)
    current.result.notes["flood_frames"] = sent
    current.result.notes["flood_frames_dropped_by_the_broker"] = sent - stored
    return traffic.replies


async def _flood_until_dropped(broker: NatsServer, subject: str) -> int:
    """Flood until the broker complains; return how many frames were sent."""
    said, sent = broker.output.stat().st_size, 0
    for _ in range(_MAX_FLOODS):
        await asyncio.gather(*(_flood(broker.port, subject) for _ in range(_CONNECTIONS)))
        sent += _FLOOD * _CONNECTIONS
        if _DROPPING in broker.output.read_bytes()[said:]:
            break
    return sent


async def _flood(port: int, subject: str) -> None:
    """Publish frames with no window at all, over a bare connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        publish = b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(_FRAME), _FRAME)
        writer.write(b'CONNECT {"verbose":false}\r\n' + publish * _FLOOD + b"PING\r\n")
        # The broker answers the ping when it has read everything before it.
        await reader.readuntil(b"PONG")
    finally:
        writer.close()


async def _stored(broker: Broker, subject: str) -> int:
    info = await broker.jetstream().stream_info(REPLIES, subjects_filter=subject)
    return int((info.state.subjects or {}).get(subject, 0))


FAULT = Fault(
    name="burst",
    what="frame in one burst",
    count=200_000,
    per_round=200_000,
    # All of them at once.
    rate=1.0,
    strike=strike,
    plan=StackPlan(workers=4, tokens_per_s=150),
)
