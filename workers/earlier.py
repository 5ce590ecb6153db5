"""What earlier attempts left of a reply in the log. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.fold import FoldedReply, fold_all
from schemas.frames import Attempt, Delta, Frame
from schemas.reply_log import StoredFrame
from workers.suspicion import Record, record_of


class Earlier(NamedTuple):
    """The prefix and what else a later attempt must know.

    Times are Unix milliseconds by the broker's clock, and ``None`` where there was no such frame.
    ``prompt_tokens`` and ``cached_tokens`` are what the delta of the first token says. ``frames``
    are those that parse, each with the time at which it was stored.
    """

    prefix: FoldedReply
    record: Record = Record()
    first_frame_at_ms: int | None = None
    first_token_at_ms: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    frames: Sequence[tuple[Frame, float]] = ()


NOTHING_EARLIER = Earlier(fold_all(()))


def read_earlier(stored: Iterable[StoredFrame]) -> Earlier:
    """Fold what earlier attempts wrote; frames that do not parse count for nothing."""
    frames = [(item.frame, item.stored_at_ms) for item in stored if item.frame is not None]
    if not frames:
        return NOTHING_EARLIER
    prefix = fold_all(frame for frame, _ in frames)
    deltas = [(frame, at) for frame, at in frames if isinstance(frame, Delta)]
    told = next((frame for frame, _ in deltas if frame.prompt_tokens is not None), None)
    return Earlier(
        prefix,
        _record([frame for frame, _ in frames], prefix.state.tokens),
        first_frame_at_ms=frames[0][1],
        first_token_at_ms=deltas[0][1] if deltas else None,
        prompt_tokens=told.prompt_tokens if told else None,
        cached_tokens=told.cached_tokens if told else None,
        frames=frames,
    )


def _record(frames: Sequence[Frame], tokens: int) -> Record:
    attempts = sum(isinstance(frame, Attempt) for frame in frames)
    if attempts == 1 and tokens:
        # The usual takeover: whatever there is, that one attempt made it. Folding once more to
        # see this would be a tenth of the pause of a long reply.
        return Record()
    return record_of(frames)
