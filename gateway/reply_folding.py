"""Fold the frames of one reply for one reader, as they come live or from the log."""

from collections.abc import Iterable

import msgspec
import structlog

from gateway.live_inbox import LiveInbox, LiveMessage
from gateway.relay_ports import RelayedFrame, RelayMeter
from schemas.cursor import Cursor
from schemas.fold import Step, fold
from schemas.frames import End, Frame, decode_frame
from schemas.reply_log import StoredFrame

log = structlog.get_logger(__name__)


class ReplyFolding:
    """Where the reader stands: ``cursor`` after the last frame.

    ``doubtful``: a frame does not parse, or an ``end`` did not count, and no newer attempt has
    begun; the worker may take the reply for complete.
    """

    def __init__(self, reply_id: str, cursor: Cursor, meter: RelayMeter) -> None:
        self.cursor = cursor
        self.doubtful = False
        self._reply_id = reply_id
        self._meter = meter

    @property
    def ended(self) -> bool:
        """Whether the reply's one end was read."""
        return self.cursor.state.ended

    def take_live(self, inbox: LiveInbox, relayed: list[RelayedFrame]) -> bool:
        """Take the messages of an inbox; false when frames before the next one are missing."""
        messages = inbox.messages
        while messages and not self.ended:
            if not self._take(messages[0], relayed):
                return False
            inbox.remove_first()
        return True

    def take_stored(self, stored: Iterable[StoredFrame]) -> list[RelayedFrame]:
        """Take frames of the log; those that are known already change nothing."""
        relayed: list[RelayedFrame] = []
        for sequence, frame, _ in stored:
            if sequence <= self.cursor.sequence:
                continue
            if self.ended:
                break
            if frame is None:
                self._skip(sequence)
            else:
                self._apply(sequence, frame, relayed)
        return relayed

    def _take(self, message: LiveMessage, relayed: list[RelayedFrame]) -> bool:
        sequence = message.sequence
        at = self.cursor.sequence
        if sequence <= at:
            return True
        if message.last_sequence != at:
            return False
        try:
            frame = decode_frame(message.data)
        except msgspec.DecodeError:
            self._skip(sequence)
        else:
            self._apply(sequence, frame, relayed)
        return True

    def _apply(self, sequence: int, frame: Frame, relayed: list[RelayedFrame]) -> None:
        before = self.cursor.state
        step = fold(before, frame)
        cursor = self.cursor = Cursor(sequence, step.state)
        # Void frames, duplicates and what lies past a hole move the cursor and add nothing.
        if step.text or step.took_over or step.state.ended:
            relayed.append(RelayedFrame(cursor, step, frame))
        if step.state.n > before.n:
            self.doubtful = False
        elif isinstance(frame, End) and _is_void(frame, step):
            self.doubtful = True

    def _skip(self, sequence: int) -> None:
        self.cursor = Cursor(sequence, self.cursor.state)
        self.doubtful = True
        self._meter.bad_frame()
        log.warning("frame_unreadable", reply_id=self._reply_id, sequence=sequence)


def _is_void(end: End, step: Step) -> bool:
    """Tell whether an end does not count, although no newer attempt made it void."""
    return not step.state.ended and (end.n is None or end.n >= step.state.n)
