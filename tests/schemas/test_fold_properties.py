"""What the fold promises for any stream of frames, not only for those that somebody thought of."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from schemas.cursor import Cursor, format_cursor, parse_cursor
from schemas.fold import FoldState, fold, fold_all
from schemas.frames import Attempt, Delta, End, Frame, delta_of

REPLY_ID = "01JD0000000000000000000000ABCDEFGHIJ"
ATTEMPTS = 3
Token = tuple[int, str]
# Tokens as models make them: some without text, some of several code points beyond UTF-16's plane.
token_texts = st.sampled_from(["", "a", " the", "é", "e\u0301", "水", "🌊", "👨‍👩‍👧"])
replies = st.lists(st.tuples(st.integers(0, 9), token_texts), min_size=1, max_size=8)


class Stream(NamedTuple):
    """What the model says, and frames about it as an unlucky log may hold them."""

    tokens: list[Token]
    frames: list[Frame]


@st.composite
def streams(draw: st.DrawFn, *, ends: bool = True) -> Stream:
    """Frames of several attempts at one reply: dropped, repeated, cut anywhere, in any order."""
    tokens = draw(replies)
    length = len(tokens)
    attempts = st.integers(1, ATTEMPTS)

    def delta(n: int, start: int, size: int) -> Delta:
        return delta_of(n, start, tokens[start : start + size])

    kinds: list[st.SearchStrategy[Frame]] = [
        st.builds(Attempt, attempts, st.just("w")),
        st.builds(delta, attempts, st.integers(0, length - 1), st.integers(1, length)),
    ]
    if ends:
        kinds.append(
            st.builds(
                lambda n, tokens: End(n=n, tokens=tokens, status="completed"),
                st.none() | attempts,
                st.none() | st.integers(0, length),
            )
        )
    return Stream(tokens, draw(st.lists(st.one_of(kinds), max_size=24)))


def text_of(tokens: Sequence[Token]) -> str:
    return "".join(text for _, text in tokens)


@given(streams())
def test_the_folded_reply_is_always_a_beginning_of_what_the_model_says(stream: Stream) -> None:
    folded = fold_all(stream.frames)
    count = folded.state.tokens
    assert folded.token_ids == [token_id for token_id, _ in stream.tokens[:count]]
    assert folded.text == text_of(stream.tokens[:count])
    assert folded.state.characters == len(folded.text)


@given(streams(ends=False), st.integers(1, ATTEMPTS))
def test_a_repair_from_the_folded_length_completes_the_reply(stream: Stream, size: int) -> None:
    folded = fold_all(stream.frames)
    n, count = ATTEMPTS + 1, folded.state.tokens
    repair: list[Frame] = [Attempt(n, "w")]
    repair += [
        delta_of(n, start, stream.tokens[start : start + size])
        for start in range(count, len(stream.tokens), size)
    ]
    repair.append(End(n=n, tokens=len(stream.tokens), status="completed"))
    repaired = fold_all([*stream.frames, *repair])
    assert repaired.text == text_of(stream.tokens)
    assert repaired.end == repair[-1]


@given(streams(), st.integers(0, 24))
def test_reading_in_two_parts_is_reading_at_once(stream: Stream, cut: int) -> None:
    first = fold_all(stream.frames[:cut])
    state = parse_cursor(
        REPLY_ID, format_cursor(REPLY_ID, Cursor(cut, first.state._replace(finish=None)))
    ).state
    rest = ""
    for frame in stream.frames[cut:]:
        step = fold(state, frame)
        state, rest = step.state, rest + step.text
    whole = fold_all(stream.frames)
    assert first.text + rest == whole.text
    assert state._replace(finish=None) == whole.state._replace(finish=None)


@given(streams(), st.integers(2, ATTEMPTS), st.integers(0, 24), st.lists(st.integers(0, 24)))
def test_deltas_and_ends_of_older_attempts_never_count(
    stream: Stream, newest: int, marker: int, places: list[int]
) -> None:
    before = stream.frames[:marker]
    after: list[Frame] = [
        frame for frame in stream.frames[marker:] if isinstance(frame, Attempt) or frame.n is None
    ]
    clean = [*before, Attempt(newest, "w"), *after]
    haunted: list[Frame] = list(clean)
    for place in places:
        zombie = newest - 1
        folded = fold_all(haunted).state.tokens
        at = len(before) + 1 + place % (len(after) + 1)
        haunted[at:at] = [
            delta_of(zombie, folded, [(666, "zombie")]),
            End(n=zombie, tokens=folded, status="failed"),
        ]
    assert fold_all(haunted) == fold_all(clean)


@given(streams())
def test_nothing_counts_after_the_first_valid_end(stream: Stream) -> None:
    folded = fold_all(stream.frames)
    if folded.end is None:
        return
    ended_at = next(
        index
        for index in range(1, len(stream.frames) + 1)
        if fold_all(stream.frames[:index]).state.ended
    )
    assert fold_all(stream.frames[:ended_at]) == folded
    assert stream.frames[ended_at - 1] is folded.end


@given(streams())
def test_writing_every_frame_twice_changes_nothing(stream: Stream) -> None:
    twice = [frame for frame in stream.frames for _ in range(2)]
    assert fold_all(twice) == fold_all(stream.frames)


@given(streams())
def test_a_step_says_exactly_what_changed(stream: Stream) -> None:
    state = FoldState()
    for frame in stream.frames:
        step = fold(state, frame)
        assert step.state.tokens - state.tokens == len(step.token_ids)
        assert step.state.characters - state.characters == len(step.text)
        assert step.took_over == (0 < state.n < step.state.n)
        state = step.state


@given(replies, st.integers(0, 8), st.integers(0, 8))
def test_an_overlap_at_any_place_adds_its_tail(tokens: list[Token], a: int, b: int) -> None:
    known, start = sorted(min(x, len(tokens)) for x in (a, b))[::-1]
    frames: list[Frame] = [Attempt(1, "w")]
    if known:
        frames.append(delta_of(1, 0, tokens[:known]))
    frames.append(delta_of(1, start, tokens[start:]))
    assert fold_all(frames).text == text_of(tokens)
