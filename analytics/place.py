"""Tell handlers where the event that they handle stands in the log.

A context variable, because FastStream fills in a handler's further arguments in a thread, at a
third of a millisecond each.
"""

from contextvars import ContextVar
from typing import NamedTuple

from nats.aio.msg import Msg


class Place(NamedTuple):
    """Where an event stands in the log."""

    consumer: str
    stream_sequence: int
    subject: str


handled: ContextVar[Place] = ContextVar("handled")


def place_of(message: Msg) -> Place:
    """Return the place of a message."""
    metadata = message.metadata
    return Place(str(metadata.consumer), int(metadata.sequence.stream), message.subject)
