"""What the bench makes of what it measured."""

import argparse
import asyncio

import pytest

from tests.bench.arguments import positive
from tests.bench.cpu import Used, taken_between
from tests.bench.load import Run, Target, run_load
from tests.bench.measuring import Round, ratio, summarize
from tests.bench.servers import ALONE, OURS, THEIRS
from tests.bench.tables import report

_CHUNK = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n'
_END = b'data: {"usage":{"completion_tokens":%d}}\n\ndata: [DONE]\n\n'


def _round(tokens_per_s: float, *, others: float = 0.0, cpu_us: float = 0.0) -> Round:
    run = Run(tokens_per_s, [0.01], [0.002, 0.004], chunks=10)
    return Round(run, 128, {"gateway": cpu_us * 128 / 1e6}, others)


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "", "²"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="whole number"):
        positive(text)


def test_other_programs_time_is_seen_when_they_have_ended() -> None:
    before = {1: Used(5.0, 7.0), 2: Used(1.0, 0.0)}
    # 2 ended after half a second more, 3 lived and ended in between, 4 still runs.
    after = {1: Used(5.5, 7.0 + 1.5 + 2.0), 4: Used(0.25, 0.0)}
    assert taken_between(before, after) == 0.5 + 0.5 + 2.0 + 0.25


def test_a_program_that_ends_unseen_hides_nobody_elses_time() -> None:
    before = {1: Used(0.0, 0.0), 2: Used(100.0, 0.0)}
    assert taken_between(before, {1: Used(1.0, 0.0)}) == 1.0


def test_ratio_is_the_median_of_rounds_side_by_side() -> None:
    ours = [_round(110), _round(240), _round(300)]
    theirs = [_round(100), _round(200), _round(100)]
    assert ratio(ours, theirs) == pytest.approx(1.2)


def test_summary_counts_in_milliseconds_and_microseconds_a_token() -> None:
    row = summarize([_round(100, cpu_us=30), _round(300, cpu_us=50)])
    assert row.tokens_per_s == 200
    assert (row.ttft_p50_ms, row.gap_p50_ms, row.gap_p99_ms) == pytest.approx((10, 3, 4))
    assert row.chunks_a_reply == 10
    assert row.cpu_us_a_token == {"gateway": pytest.approx(40)}


@pytest.mark.parametrize(("tokens_per_s", "kept"), [(108, True), (107, False)])
def test_a_bound_is_kept_or_not(tokens_per_s: float, *, kept: bool) -> None:
    names = {THEIRS: 100.0, ALONE: 100.0, OURS: tokens_per_s}
    rounds = {(64, name): [_round(speed)] for name, speed in names.items()}
    found = report(rounds, idle_kb=40.0)
    assert found.kept is kept
    row = next(line for line in found.lines if line.startswith("| tokens/s at 64 streams"))
    assert row.endswith("| kept |" if kept else "| NOT KEPT |")


def test_chunks_are_told_of_those_who_send_any() -> None:
    rounds = {(1, name): [_round(100)] for name in (THEIRS, ALONE, OURS)}
    rounds[1, ALONE] = [Round(Run(100, [0.01], [0.002]), 128, {}, 0.0)]
    rows = [line for line in report(rounds, idle_kb=0.0).lines if line.startswith("| 1 |")]
    assert [row.split("|")[-2].strip() for row in rows[:3]] == ["10.0", "", "10.0"]


def test_memory_over_its_bound_is_not_kept() -> None:
    rounds = {(1, name): [_round(100)] for name in (THEIRS, ALONE, OURS)}
    assert report(rounds, idle_kb=40.0).kept
    assert not report(rounds, idle_kb=40.1).kept


def test_a_noisy_round_is_named() -> None:
    rounds = {(1, name): [_round(100)] for name in (THEIRS, ALONE)}
    rounds[1, OURS] = [_round(100, others=0.5), _round(100)]
    rounds[1, THEIRS] *= 2
    rounds[1, ALONE] *= 2
    assert "NOISY: Rivulet at 1 stream, 1 of 2 rounds" in report(rounds, 0.0).lines[-1]


async def _load(*pieces: bytes) -> Run:
    """Put one request on a server that answers with these pieces, each read by itself."""
    answered = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.close()
        await writer.wait_closed()
        answered.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            return await run_load(Target("a server", port, "m", "k"), 1, 1)
        finally:
            await answered.wait()


async def test_a_load_times_tokens_and_not_empty_chunks() -> None:
    first = _CHUNK % b"Hello"
    run = await _load(_CHUNK % b"", first[:20], first[20:-1], b"\n", _CHUNK % b"you", _END % 128)
    assert run.first_token_s[0] >= 0.04
    # The line end that comes by itself is a read without a token.
    assert len(run.gaps_s) == 1
    assert run.chunks == 5


async def test_a_load_with_too_few_tokens_fails() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await _load(_CHUNK % b"Hello", _END % 127)
    assert caught.group_contains(ValueError, match="not 128 tokens")


async def test_a_load_whose_stream_breaks_off_fails() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await _load(_CHUNK % b"Hello")
    assert caught.group_contains(ConnectionError, match="broke off")
