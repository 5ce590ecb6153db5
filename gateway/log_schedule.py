"""Decide when a reader of a reply must look into the log. Pure but for the clock."""

from collections.abc import Callable

# The last republished frame may be lost and nothing would reveal it: look, but ever less often.
_FIRST_SILENCE_S = 1.0
_LONGEST_SILENCE_S = 5.0
# At most this often for a gap, should a replica of the log lag behind what was republished.
_BETWEEN_GAP_READS_S = 0.05
_RETRY_S = 0.25


class LogSchedule:
    """One reader's next look: ``due_at`` by its clock, and the ``reason`` for it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        now = clock()
        self.due_at = now + _FIRST_SILENCE_S
        self.reason = "silence"
        self._silence_s = _FIRST_SILENCE_S
        self._demands = 0
        self._gap_read_from = 0.0
        self._news_at = now

    @property
    def is_due(self) -> bool:
        """Whether to look now."""
        return self._clock() >= self.due_at

    @property
    def quiet_s(self) -> float:
        """How long there was nothing new, neither live nor in the log."""
        return self._clock() - self._news_at

    def demand(self, reason: str) -> None:
        """Look before anything else: frames may have been missed."""
        self.reason, self.due_at = reason, 0.0
        self._demands += 1

    def gap(self) -> None:
        """Look because frames before a live one are missing."""
        if self._gap_read_from < self.due_at:
            self.reason, self.due_at = "gap", self._gap_read_from

    def heard(self) -> None:
        """Note that something new came live."""
        self._news_at = self._clock()
        if self.due_at > 0.0:
            self._silence_s = _FIRST_SILENCE_S
            self.due_at = self._news_at + _FIRST_SILENCE_S

    def begin(self) -> int:
        """Return what ``read`` needs to know about the moment before the log was read."""
        return self._demands

    def read(self, begun: int, *, found: bool, more: bool) -> None:
        """Note a look: whether it ``found`` anything, and whether there is ``more`` to read."""
        now = self._clock()
        if found:
            self._news_at = now
            self._silence_s = _FIRST_SILENCE_S
        else:
            self._silence_s = min(self._silence_s * 2, _LONGEST_SILENCE_S)
        self._gap_read_from = now + _BETWEEN_GAP_READS_S
        if begun != self._demands:
            # There was a reconnect meanwhile, and the log is read again.
            return
        if more:
            self.due_at = 0.0
        else:
            self.reason, self.due_at = "silence", now + self._silence_s

    def unavailable(self) -> None:
        """Note that the log did not answer."""
        self._gap_read_from = self.due_at = self._clock() + _RETRY_S
