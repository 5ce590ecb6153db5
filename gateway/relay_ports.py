"""What a relay yields, and what it needs: a log to read and a meter to tell."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from schemas.cursor import Cursor
from schemas.fold import Step
from schemas.frames import End, Frame
from schemas.reply_log import StoredFrame


class FrameLog(Protocol):
    """Where the stored frames of replies are read."""

    async def read(self, reply_id: str, after: int = 0) -> list[StoredFrame]:
        """Return the frames after a sequence; raises ``LogUnavailable``."""


class RelayMeter(Protocol):
    """Counts what relays do."""

    def relayed(self, frames: int) -> None:
        """Count frames that were passed on."""

    def caught_up(self, reason: str) -> None:
        """Count a read of the log, by what made it necessary."""

    def bad_frame(self) -> None:
        """Count a frame that does not parse."""


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
