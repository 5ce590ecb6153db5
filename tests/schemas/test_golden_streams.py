"""The golden streams of ``schemas/fixtures``: the fold and its twins agree on every frame.

A twin in another language reads the same files: ``emitted`` is what each frame adds, ``expect``
the reply after the last one.
"""

from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from schemas.cursor import Cursor, format_cursor, parse_cursor
from schemas.fold import FoldState, fold, fold_all
from schemas.frames import Frame, decode_frame, encode_frame

FIXTURES = Path(__file__).parents[2] / "schemas" / "fixtures"
REPLY_ID = "01JD0000000000000000000000ABCDEFGHIJ"
# What the fold is for. A new file needs no entry; a lost one is noticed.
NEEDED = {
    "cancelled_in_the_queue",
    "duplicate_deltas",
    "end_behind_a_hole",
    "end_of_a_canceller",
    "end_of_an_older_attempt",
    "failed_without_a_token",
    "fields_of_a_later_version",
    "finish_on_the_last_delta",
    "frames_after_the_end",
    "hole_and_repair",
    "late_deltas_of_an_older_attempt",
    "notes_change_nothing",
    "overlap_beside_an_emoji",
    "overlap_that_cannot_be_cut",
    "plain_reply",
    "still_running",
    "takeover_keeps_the_prefix",
    "tokens_without_text",
}
FILES = sorted(FIXTURES.iterdir())


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    tokens: int
    characters: int
    n: int
    ended: bool
    status: str | None
    token_ids: list[int]


class GoldenStream(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    frames: list[dict[str, Any]]
    emitted: list[str]
    expect: Expected

    def decoded(self) -> list[Frame]:
        return [decode_frame(orjson.dumps(frame)) for frame in self.frames]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def stream(request: pytest.FixtureRequest) -> GoldenStream:
    return msgspec.json.decode(request.param.read_bytes(), type=GoldenStream)


def test_every_needed_stream_is_there_and_every_file_is_a_stream() -> None:
    assert {path.suffix for path in FILES} == {".json"}
    assert {path.stem for path in FILES} >= NEEDED


def test_the_file_agrees_with_itself(stream: GoldenStream) -> None:
    assert len(stream.emitted) == len(stream.frames)
    assert "".join(stream.emitted) == stream.expect.text
    assert len(stream.expect.text) == stream.expect.characters
    assert len(stream.expect.token_ids) == stream.expect.tokens
    assert stream.expect.ended == (stream.expect.status is not None)


def test_each_frame_adds_what_the_file_says(stream: GoldenStream) -> None:
    state = FoldState()
    for frame, emitted in zip(stream.decoded(), stream.emitted, strict=True):
        step = fold(state, frame)
        assert step.text == emitted
        assert step.state.characters == state.characters + len(emitted)
        assert step.state.tokens == state.tokens + len(step.token_ids)
        state = step.state
    assert (state.n, state.tokens, state.ended) == (
        stream.expect.n,
        stream.expect.tokens,
        stream.expect.ended,
    )


def test_the_whole_stream_folds_to_what_the_file_says(stream: GoldenStream) -> None:
    folded = fold_all(stream.decoded())
    assert folded.text == stream.expect.text
    assert folded.token_ids == stream.expect.token_ids
    assert folded.state.characters == stream.expect.characters
    assert folded.state.n == stream.expect.n
    assert (folded.end.status if folded.end else None) == stream.expect.status


def test_a_reader_that_resumes_at_any_frame_gets_exactly_the_rest(stream: GoldenStream) -> None:
    frames = stream.decoded()
    state = FoldState()
    for index, frame in enumerate(frames):
        state = fold(state, frame).state
        text = format_cursor(REPLY_ID, Cursor(index + 1, state))
        resumed = parse_cursor(REPLY_ID, text).state
        rest = []
        for later in frames[index + 1 :]:
            step = fold(resumed, later)
            resumed = step.state
            rest.append(step.text)
        assert rest == stream.emitted[index + 1 :]
        assert resumed.tokens == stream.expect.tokens
        assert resumed.characters == stream.expect.characters
        assert resumed.ended == stream.expect.ended


def test_frames_keep_their_meaning_when_they_are_written_again(stream: GoldenStream) -> None:
    frames = stream.decoded()
    assert [decode_frame(encode_frame(frame)) for frame in frames] == frames
