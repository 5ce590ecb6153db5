"""Gather what the log hands out until it is enough for a segment. Pure but for the messages."""

from nats.aio.msg import Msg

from analytics.archive.pulling import Delivered
from analytics.archive.rows import Message, Row, row_of

# Small enough that a file's rows are never a burden in memory, large enough for few files.
MAX_ROWS = 25_000
MAX_BYTES = 8 * 1024 * 1024


class Gathering:
    """Rows of one segment; ``position`` is the last sequence before it.

    ``oldest_ms`` is when the log had the first, ``None`` without any.
    """

    def __init__(self, position: int) -> None:
        self.position = position
        self.first_seen = 0
        self.oldest_ms: int | None = None
        self.last = position
        self.rows: list[Row] = []
        self.last_message: Msg | None = None
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether it is time to write."""
        return len(self.rows) >= MAX_ROWS or self._bytes >= MAX_BYTES

    def take(self, delivered: Delivered) -> None:
        """Add a message."""
        sequence, stored_at_ms, message = delivered
        if not self.first_seen:
            self.first_seen, self.oldest_ms = sequence, stored_at_ms
        self.last = sequence
        self.last_message = message
        row = row_of(Message(sequence, stored_at_ms, message.subject, message.data))
        if row is not None:
            self.rows.append(row)
            self._bytes += len(row.message.payload)
