"""The prompts that wait for one model, in the order in which they are handed out. Pure."""

from bisect import bisect_right
from collections.abc import Iterable


class QueueLine:
    """Sequences in the CHAT stream above the last one that was handed out, in rising order.

    ``pending`` is how many the broker said that there are.
    """

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._delivered: int | None = None
        # Whether prompts up to the end of the stream are in the line.
        self._complete = False

    @property
    def last(self) -> int:
        """The sequence that was seen last, 0 before the first."""
        return self._waiting[-1] if self._waiting else 0

    def restart(self, delivered: int) -> None:
        """Begin anew, with nobody known to wait after ``delivered``."""
        self._waiting = []
        self._delivered = delivered
        self._complete = False

    def advance(self, delivered: int, joined: Iterable[int], *, complete: bool) -> None:
        """Let everybody up to ``delivered`` go and the others join at the end.

        ``complete``: there was nobody else.
        """
        self._waiting += joined
        del self._waiting[: bisect_right(self._waiting, delivered)]
        self._delivered = delivered
        self._complete = complete

    def agrees(self, pending: int) -> bool:
        """Tell whether as many wait as the broker says."""
        return not self._complete or len(self._waiting) == pending

    def position(self, sequence: int) -> int | None:
        """Return the place of a prompt, 1 for the next; ``None`` while it is not known.

        One that was handed out already and given back, or whose worker died, comes first.
        """
        if self._delivered is None:
            return None
        if sequence <= self._delivered:
            return 1
        if sequence > self.last:
            return None
        return bisect_right(self._waiting, sequence)
