"""Resume replies at random cursors, while they run and after, and compare with an unbroken read."""

import asyncio
import time
from typing import NamedTuple

from tests.bench.faults.reading import Reading
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.traffic import Reply, Traffic

_SHORTEST, _LONGEST = 200, 500


class _Resume(NamedTuple):
    reply: Reply
    place: int
    started: float
    reading: Reading


async def strike(current: Round) -> list[Reply]:
    """Resume replies, about half of them after their end."""
    traffic = current.traffic(_SHORTEST, _LONGEST)
    resumes: list[_Resume] = []
    readers: list[asyncio.Task[None]] = []
    async with traffic.keep_running(current.options.replies):
        async for _ in current.beats():
            resume = _resume(current, traffic)
            resumes.append(resume)
            readers.append(asyncio.create_task(current.client.read(resume.reading)))
    await asyncio.gather(*readers)
    for resume in resumes:
        _compare(current, resume)
    return traffic.replies


def _resume(current: Round, traffic: Traffic) -> _Resume:
    """Pick a reply and a cursor after which the reader has seen at least one more frame."""
    seen = [reply for reply in traffic.replies if len(reply.reading.ids) > 1]
    ended = current.rng.random() < 0.5
    fitting = [reply for reply in seen if (reply.reading.done is not None) == ended]
    reply = current.rng.choice(fitting or seen)
    index = current.rng.randrange(len(reply.reading.ids) - 1)
    reading = Reading(reply.reply_id, reply.reading.ids[index])
    return _Resume(reply, index, time.perf_counter(), reading)


def _compare(current: Round, resume: _Resume) -> None:
    unbroken, resumed = resume.reply.reading, resume.reading
    after = resume.place + 1
    current.note_latency(resumed.arrivals[0] - resume.started)
    wanted = (unbroken.ids[after:], unbroken.texts[after:], unbroken.done)
    if (resumed.ids, resumed.texts, resumed.done) != wanted:
        cursor, count = unbroken.ids[resume.place], len(unbroken.ids) - after
        complaint = f"resumed after {cursor}: {len(resumed.ids)} deltas, not {count}, or others"
        current.complain(resume.reply, [complaint])
    current.complain(resume.reply, resumed.complaints)


FAULT = Fault(
    name="resume",
    what="resume at a random cursor",
    count=500,
    per_round=100,
    rate=10.0,
    strike=strike,
    latency="first event after a resume",
    bound_ms=50.0,
)
