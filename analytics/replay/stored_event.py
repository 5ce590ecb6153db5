"""What a replay reads: a message's place in the log and its bytes."""

from typing import NamedTuple


class StoredEvent(NamedTuple):
    """A message of CHAT, from the log or from the archive."""

    sequence: int
    payload: bytes
