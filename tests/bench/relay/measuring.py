"""Have tokens flow through a stack that a scripted engine feeds, and note what it took."""

import statistics
import time
from typing import NamedTuple

from tests.bench.contestants import HttpContestant
from tests.bench.cpu import NOISE, cpu_seconds, others_used, taken_between
from tests.bench.load import TOKENS_PER_REPLY

_WARM_UP = 32


class Flow(NamedTuple):
    """Tokens that came through; times in milliseconds, CPU in seconds by process.

    ``others`` is the share of a core that other programs took.
    """

    tokens: int
    chunks: int
    tokens_per_s: float
    gap_p50_ms: float
    gap_p99_ms: float
    cpu_s: dict[str, float]
    others: float

    @property
    def noisy(self) -> bool:
        """Whether other programs had a part in the result."""
        return self.others > NOISE

    def chunks_a_cpu_second(self, *processes: str) -> float:
        """Return how many server-sent events these processes carry in a second of their CPU."""
        return self.chunks / sum(self.cpu_s[name] for name in processes)


async def flow(contestant: HttpContestant, streams: int, replies: int, ramp_s: float = 0.0) -> Flow:
    """Have replies made, so many at a time, after one warm-up."""
    await contestant.run(_WARM_UP, _WARM_UP)
    before, others = cpu_seconds(contestant.pids), others_used(contestant.pids)
    began = time.perf_counter()
    run = await contestant.run(streams, replies, ramp_s)
    elapsed = time.perf_counter() - began
    after, used = cpu_seconds(contestant.pids), others_used(contestant.pids)
    gaps = sorted(run.gaps_s)
    return Flow(
        replies * TOKENS_PER_REPLY,
        run.chunks,
        run.tokens_per_s,
        statistics.median(gaps) * 1000,
        gaps[int(len(gaps) * 0.99)] * 1000,
        {name: after[name] - before.get(name, 0.0) for name in after},
        taken_between(others, used) / elapsed,
    )
