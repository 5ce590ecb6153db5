"""Where a reply stands in the queue of its model. Pure."""

from typing import NamedTuple, Protocol


class QueuePlace(NamedTuple):
    """How long a reply still waits for a worker.

    ``position`` 1 is the next one. ``eta_s`` is whole seconds, or ``None`` without a live worker
    or while nothing is known about how long its replies take.
    """

    position: int
    eta_s: float | None


class Place(Protocol):
    """One reply's place; looking costs nothing, the broker is asked elsewhere."""

    @property
    def period_s(self) -> float:
        """How often to look, in seconds; less often where many wait."""

    def look(self) -> QueuePlace | None:
        """Return the place, ``None`` while it is not known."""
