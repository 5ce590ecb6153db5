"""What a relay yields, and what it needs: a log to read and a meter to tell."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from schemas.cursor import Cursor
from schemas.fold import Step
from schemas.frames import End, Frame
from schemas.reply_log import FrameBatch


class FrameLog(Protocol):
    """Where the stored frames of one user's replies are read."""

    async def read_batch(self, reply_id: str, after: int = 0) -> FrameBatch:
        """Return the next frames after a sequence, and if there are more.

        Raises ``LogUnavailable``.
        """

    async def is_finished(self, reply_id: str) -> bool:
        """Tell whether the log of facts says that the reply has ended.

        Then nobody will write to it any more. Raises ``LogUnavailable``.
        """


class RelayMeter(Protocol):
    """Counts what relays do."""

    def relayed(self, frames: int) -> None:
        """Count frames that were passed on."""

    def caught_up(self, reason: str) -> None:
        """Count a read of the log, by what made it necessary."""

    def bad_frame(self) -> None:
        """Count a frame that does not parse."""

    def unreadable(self) -> None:
        """Count a reply that can never end for its readers."""


class RelayedFrame(NamedTuple):
    """A frame that adds something, what it adds, and where the reader stands after it."""

    cursor: Cursor
    step: Step
    frame: Frame


def end_among(frames: Iterable[RelayedFrame]) -> End | None:
    """Return the reply's end if it is among the frames."""
    for cursor, _, frame in frames:
        if cursor.state.ended and isinstance(frame, End):
            return frame
    return None
