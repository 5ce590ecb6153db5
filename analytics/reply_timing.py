"""When each piece of a past reply was there. Pure: frames in, pieces with their moments out."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.fold import FoldState, fold
from schemas.reply_log import StoredFrame


class Piece(NamedTuple):
    """Text of a reply, and how long after its first frame it was stored, in milliseconds.

    ``took_over``: another worker went on from here.
    """

    after_ms: int
    text: str
    took_over: bool


def timed_pieces(frames: Iterable[StoredFrame]) -> Iterator[Piece]:
    """Yield what readers saw of a reply; a clock that ran backwards counts as a stop."""
    state = FoldState()
    began_ms: int | None = None
    latest_ms = 0
    for stored in frames:
        if stored.frame is None:
            continue
        began_ms = stored.stored_at_ms if began_ms is None else began_ms
        latest_ms = max(latest_ms, stored.stored_at_ms - began_ms)
        step = fold(state, stored.frame)
        state = step.state
        if step.text or step.took_over:
            yield Piece(latest_ms, step.text, step.took_over)
