"""The checker of the fault runs sees what it is there for; a run goes on where it was."""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.events import ReplyFinished, Timings, Usage
from schemas.fold import fold_all
from schemas.frames import Attempt, Delta, End, Frame
from tests.bench.faults.checker import difference, judge
from tests.bench.faults.prompts import Prompt, scripted_prompt
from tests.bench.faults.reading import Reading
from tests.bench.faults.results import ResultFile, RoundResult
from tests.bench.faults.stored import StoredReply, compare

_PROMPT = scripted_prompt("checker", random.Random(1), 40, 40)


def delta(sequence: int, text: str) -> bytes:
    data = orjson.dumps({"delta": text, "done": False})
    return b"id: ABCDEF.%d.1.1.1\ndata: %b\n\n" % (sequence, data)


def done(sequence: int, tokens: int, status: str = "completed") -> bytes:
    data = {"done": True, "status": status, "usage": {"completion_tokens": tokens}}
    return b"id: ABCDEF.%d.1.1.1.e\ndata: %b\n\n" % (sequence, orjson.dumps(data))


def events(pieces: tuple[str, ...], status: str = "completed") -> list[bytes]:
    deltas = [delta(sequence, piece) for sequence, piece in enumerate(pieces, 1)]
    return [*deltas, done(len(pieces) + 1, len(pieces), status)]


def read(stream: list[bytes], step: int = 1 << 20) -> Reading:
    reading, data = Reading("R"), b"".join(stream)
    for start in range(0, len(data), step):
        reading.feed(data[start : start + step])
    return reading


def faultless() -> list[bytes]:
    return events(_PROMPT.expected.pieces)


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_faultless_stream_cut_anywhere_is_faultless(step: int) -> None:
    verdict = judge(read(faultless(), step), _PROMPT.expected)
    assert verdict == (40, 0, 0, 0, ())


def test_a_missing_delta_is_lost_and_a_second_one_repeated() -> None:
    pieces = _PROMPT.expected.pieces
    without, twice = pieces[:10] + pieces[11:], pieces[:10] + pieces[9:]
    assert judge(read(events(without)), _PROMPT.expected)[1:3] == (1, 0)
    assert judge(read(events(twice)), _PROMPT.expected)[1:3] == (0, 1)


def test_a_stream_without_an_end_is_hung() -> None:
    assert judge(read(faultless()[:-1]), _PROMPT.expected).hung == 1


@pytest.mark.parametrize(
    "stream",
    [
        [*faultless(), delta(10_000, "more")],
        [*faultless(), done(10_000, 40)],
        [*faultless()[:5], *faultless()[4:]],
        [*faultless()[:-1], done(10_000, 41)],
        events(_PROMPT.expected.pieces, "failed"),
        events(_PROMPT.expected.pieces, "cancelled"),
    ],
    ids=["after the end", "two ends", "falling cursor", "wrong usage", "failed", "not cancelled"],
)
def test_a_broken_rule_is_complained_about(stream: list[bytes]) -> None:
    assert judge(read(stream), _PROMPT.expected).complaints


def test_a_cancelled_reply_is_a_beginning_of_the_answer_in_whole_tokens() -> None:
    cut = events(_PROMPT.expected.pieces[:7], "cancelled")
    assert judge(read(cut), _PROMPT.expected, cancelled=True) == (7, 0, 0, 0, ())
    other = [delta(1, "something else"), done(2, 1, "cancelled")]
    verdict = judge(read(other), _PROMPT.expected, cancelled=True)
    assert verdict.lost or verdict.repeated


def test_a_difference_within_a_word_is_one() -> None:
    assert difference("one two", "one twi") == (1, 1)
    assert difference("a b c", "a c") == (1, 0)
    assert difference("a b c", "a b b c") == (0, 1)


def kept(prompt: Prompt, **usage: Any) -> StoredReply:
    text, tokens = prompt.expected.text, prompt.expected.tokens
    finished = ReplyFinished(
        reply_id="R", user_id="U", user_message_id="", assistant_message_id="", model="m",
        status="completed", text=text, usage=Usage(prompt_tokens=1, completion_tokens=tokens),
        timings=Timings(queue_ms=0, first_token_ms=0, total_ms=0), attempts=1,
        submitted_at_ms=0, finished_at_ms=0, client="api",
    )  # fmt: skip
    frames: list[Frame] = [
        Attempt(1, "w"),
        Delta(1, 0, list(range(tokens)), text),
        End(n=1, tokens=tokens, status="completed"),
    ]
    document = {"completion_tokens": tokens, "status": "completed", "attempts": 1, **usage}
    return StoredReply(
        {"status": "completed", "content": text}, document, finished, fold_all(frames)
    )


def test_what_was_kept_must_be_what_the_reader_saw() -> None:
    reading = read(faultless())
    verdict = judge(reading, _PROMPT.expected)
    assert compare(reading, verdict, kept(_PROMPT)) == (0, [])
    assert compare(reading, verdict, kept(_PROMPT, completion_tokens=45))[0] == 5
    assert compare(reading, verdict, kept(_PROMPT, completion_tokens=39))[1]
    shorter = kept(_PROMPT)._replace(message={"status": "completed", "content": "the"})
    assert compare(reading, verdict, shorter)[1]


def test_rounds_are_added_up_over_interrupted_runs(tmp_path: Path) -> None:
    ResultFile(tmp_path).append(RoundResult("worker-kill", "1.0", injected=40))
    ResultFile(tmp_path).append(RoundResult("broker-kill", "1.0", injected=10))
    ResultFile(tmp_path).append(RoundResult("worker-kill", "1.1", injected=40, lost=1))
    rounds = ResultFile(tmp_path).rounds("worker-kill")
    assert [result.injected for result in rounds] == [40, 40]
    assert [result.clean for result in rounds] == [True, False]
