"""Put a peer's messages together from their frames, and keep them until they are handled."""

from collections import deque
from collections.abc import Iterable
from typing import cast

from websockets.frames import Frame, Opcode
from websockets.protocol import Event

# Messages that wait to be handled, beyond which no more is read from the transport.
_MAX_WAITING = 16
_MAX_WAITING_BYTES = 64 * 1024


class Incoming:
    """The messages that have come in, oldest first; bytes are of binary ones."""

    def __init__(self) -> None:
        self._waiting: deque[str | bytes] = deque()
        self._waiting_bytes = 0
        self._partial = bytearray()
        self._is_text = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether some should be handled before more is read."""
        return len(self._waiting) >= _MAX_WAITING or self._waiting_bytes >= _MAX_WAITING_BYTES

    def add(self, events: Iterable[Event]) -> None:
        """Take frames; raises ``UnicodeDecodeError`` for text that is not UTF-8."""
        for event in events:
            frame = cast("Frame", event)
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                self._is_text = frame.opcode is Opcode.TEXT
            elif frame.opcode is not Opcode.CONT:
                # The parser has answered pings and closes already.
                continue
            # Not a list of fragments: a million of one byte each would weigh fifty times as much.
            self._partial += frame.data
            if frame.fin:
                data = bytes(self._partial)
                self._partial.clear()
                self._waiting.append(data.decode() if self._is_text else data)
                self._waiting_bytes += len(self._waiting[-1])

    def take(self) -> str | bytes:
        """Return the oldest message and forget it."""
        message = self._waiting.popleft()
        self._waiting_bytes -= len(message)
        return message

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()
        self._waiting_bytes = 0
        self._partial.clear()
