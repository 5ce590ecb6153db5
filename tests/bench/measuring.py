"""Put the same loads on all contestants in turn, and note what each cost."""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.bench.contestants import Contestant
from tests.bench.cpu import NOISE, cpu_seconds, others_used, taken_between
from tests.bench.load import TOKENS_PER_REPLY, Run

# So that a round takes a few seconds: one reply alone takes a third of one.
_REPLIES_PER_STREAM = {1: 12, 8: 6}
_MANY_REPLIES_PER_STREAM = 4
# A contestant rests when it takes less than this share of a core for so long.
_AT_REST, _REST_S, _LONGEST_SETTLING = 0.2, 0.3, 10


class Round(NamedTuple):
    """One load on one contestant.

    ``others`` is the share of a core that programs took which are no part of the bench.
    """

    run: Run
    tokens: int
    cpu_s: dict[str, float]
    others: float

    @property
    def noisy(self) -> bool:
        """Whether other programs had a part in the result."""
        return self.others > NOISE


class Summary(NamedTuple):
    """The rounds of one contestant at one number of streams; times in milliseconds."""

    tokens_per_s: float
    ttft_p50_ms: float
    ttft_p99_ms: float
    gap_p50_ms: float
    gap_p99_ms: float
    chunks_a_reply: float
    cpu_us_a_token: dict[str, float]


# By the number of streams and the contestant's name, in the order in which they ran.
Rounds = dict[tuple[int, str], list[Round]]


async def measure(
    contestants: list[Contestant],
    streams: list[int],
    rounds: int,
    on_load: Callable[[int], None],
) -> Rounds:
    """Run every load on every contestant in turn, after one warm-up each.

    ``on_load`` gets the number of streams before each load.
    """
    found: Rounds = {}
    everyone = [pid for contestant in contestants for pid in contestant.pids]
    for count in streams:
        on_load(count)
        for contestant in contestants:
            await contestant.run(count, count)
            await _settled(contestant)
        for number in range(rounds):
            # Whoever goes first in a round goes last in the next.
            for contestant in contestants if number % 2 == 0 else reversed(contestants):
                result = await _round(contestant, count, everyone)
                found.setdefault((count, contestant.name), []).append(result)
    return found


async def _round(contestant: Contestant, streams: int, everyone: Sequence[int]) -> Round:
    replies = streams * _REPLIES_PER_STREAM.get(streams, _MANY_REPLIES_PER_STREAM)
    before, others = cpu_seconds(contestant.pids), others_used(everyone)
    began = time.perf_counter()
    run = await contestant.run(streams, replies)
    elapsed = time.perf_counter() - began
    taken = taken_between(others, others_used(everyone))
    after = await _settled(contestant)
    cpu_s = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    return Round(run, replies * TOKENS_PER_REPLY, cpu_s, taken / elapsed)


async def _settled(contestant: Contestant) -> dict[str, float]:
    """Return what a contestant has used once it rests: what it does later is its cost, too."""
    used = cpu_seconds(contestant.pids)
    for _ in range(_LONGEST_SETTLING):
        await asyncio.sleep(_REST_S)
        before, used = used, cpu_seconds(contestant.pids)
        if sum(used.values()) - sum(before.values()) < _AT_REST * _REST_S:
            break
    return used


def summarize(rounds: list[Round]) -> Summary:
    """Reduce the rounds of one contestant and load to the figures of a table row."""
    gaps = sorted(gap for one in rounds for gap in one.run.gaps_s)
    firsts = sorted(first for one in rounds for first in one.run.first_token_s)
    tokens = sum(one.tokens for one in rounds)
    cpu_s: defaultdict[str, float] = defaultdict(float)
    for one in rounds:
        for name, seconds in one.cpu_s.items():
            cpu_s[name] += seconds
    return Summary(
        statistics.median(one.run.tokens_per_s for one in rounds),
        statistics.median(firsts) * 1000,
        _p99(firsts) * 1000,
        statistics.median(gaps) * 1000,
        _p99(gaps) * 1000,
        sum(one.run.chunks for one in rounds) / (tokens / TOKENS_PER_REPLY),
        {name: seconds / tokens * 1e6 for name, seconds in cpu_s.items()},
    )


def ratio(ours: list[Round], theirs: list[Round]) -> float:
    """Return how many times their tokens/s ours has: the median over rounds side by side."""
    return statistics.median(
        one.run.tokens_per_s / other.run.tokens_per_s
        for one, other in zip(ours, theirs, strict=True)
    )


def _p99(ordered: list[float]) -> float:
    return ordered[int(len(ordered) * 0.99)]
