"""Where a reader of a feed stands: opaque to clients, the same over SSE and the WebSocket. Pure."""

import re
from typing import NamedTuple

from gateway.errors import FeedCursorRefused

_FORM = re.compile(r"c-(?P<sequence>\d{1,18})(?:\.(?P<part>[1-9]))?", re.ASCII)


class FeedCursor(NamedTuple):
    """After the event with this sequence in CHAT; with a ``part``, after so many of its messages.

    One event may be more than one message, and a connection may break between them.
    """

    sequence: int
    part: int = 0

    @property
    def next_sequence(self) -> int:
        """The first sequence that there may be something to read of."""
        return self.sequence if self.part else self.sequence + 1


def format_feed_cursor(cursor: FeedCursor) -> str:
    """Return the cursor as the string that clients keep."""
    part = f".{cursor.part}" if cursor.part else ""
    return f"c-{cursor.sequence}{part}"


def parse_feed_cursor(text: str) -> FeedCursor:
    """Return the cursor in ``text``; raises ``FeedCursorRefused`` if it is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise FeedCursorRefused(param="after")
    return FeedCursor(int(match["sequence"]), int(match["part"] or 0))
