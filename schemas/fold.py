"""Fold the frames of a reply into its text: the one meaning of a reply stream.

Worker, gateway and history use this function and no other; ``schemas/fixtures`` holds golden
streams for it and for its twins in other languages. Frames come in stream order. Lengths are
tokens and Unicode code points. The rules are listed in ``docs/flow.md``.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.events import FinishReason
from schemas.frames import Attempt, Delta, End, Frame, Note


class FoldState(NamedTuple):
    """What is known of a reply after a frame.

    ``n`` is the current attempt (0: none yet); ``tokens`` and ``characters`` are the folded
    length; ``finish`` is set once the model has ended; ``ended`` once a valid ``end`` was seen.
    """

    n: int = 0
    tokens: int = 0
    characters: int = 0
    finish: FinishReason | None = None
    ended: bool = False


class Step(NamedTuple):
    """The state after a frame, and what the frame added (nothing, if it was void)."""

    state: FoldState
    text: str = ""
    token_ids: Sequence[int] = ()
    took_over: bool = False


def fold(state: FoldState, frame: Frame) -> Step:
    """Apply one frame to ``state``; a frame that does not count leaves it as it was."""
    if state.ended:
        return Step(state)
    if isinstance(frame, Delta):
        return _fold_delta(state, frame)
    if isinstance(frame, Attempt):
        if frame.n <= state.n:
            return Step(state)
        return Step(state._replace(n=frame.n), took_over=state.n > 0)
    if isinstance(frame, Note):
        return Step(state)
    return Step(state._replace(ended=_end_counts(state, frame)))


def _fold_delta(state: FoldState, delta: Delta) -> Step:
    known = state.tokens - delta.offset
    if delta.n != state.n or known < 0 or known >= len(delta.token_ids):
        # Another attempt's, past a hole, or a duplicate.
        return Step(state)
    text, token_ids = delta.text, delta.token_ids
    if known > 0:
        if delta.cuts is None or len(delta.cuts) != len(token_ids):
            return Step(state)
        text, token_ids = text[delta.cuts[known - 1] :], token_ids[known:]
    after = FoldState(
        state.n, state.tokens + len(token_ids), state.characters + len(text), delta.finish
    )
    return Step(after, text, token_ids)


def _end_counts(state: FoldState, end: End) -> bool:
    if end.n is not None and end.n != state.n:
        return False
    return end.tokens is None or end.tokens == state.tokens


class FoldedReply(NamedTuple):
    """A whole reply read from its frames; ``end`` is ``None`` while it is not finished."""

    state: FoldState
    text: str
    token_ids: list[int]
    end: End | None


def fold_all(frames: Iterable[Frame]) -> FoldedReply:
    """Fold a reply's frames from the first on."""
    state = FoldState()
    texts: list[str] = []
    token_ids: list[int] = []
    end: End | None = None
    for frame in frames:
        step = fold(state, frame)
        texts.append(step.text)
        token_ids.extend(step.token_ids)
        if step.state.ended and end is None and isinstance(frame, End):
            end = frame
        state = step.state
    return FoldedReply(state, "".join(texts), token_ids, end)
