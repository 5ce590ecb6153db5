"""Count the times between a reply's tokens: one for every token but the first.

Tokens that come together share the time since those before them evenly. A takeover's pause counts
like any other time: readers waited for it.
"""

from collections.abc import Iterable

from schemas.frames import Attempt, Delta, End, Frame
from schemas.histogram import Histogram, Tally


class TokenTimes:
    """The times of one reply so far; moments are Unix milliseconds."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._last_at_ms: float | None = None

    @property
    def histogram(self) -> Histogram:
        """The times between tokens, in milliseconds."""
        return self._tally.histogram()

    def came(self, tokens: int, at_ms: float) -> None:
        """Count tokens that came at this moment; clocks that run backwards make no negative time.

        Of the first ones to come, all but one came with another.
        """
        if tokens < 1:
            return
        if self._last_at_ms is None:
            self._tally.add(0, tokens - 1)
        else:
            self._tally.add((at_ms - self._last_at_ms) / tokens, tokens)
        self._last_at_ms = at_ms


def times_in_log(frames: Iterable[tuple[Frame, float]]) -> TokenTimes:
    """Return the times of a reply from its frames and when the broker stored each.

    It counts the tokens that the fold appends, without making their text.
    """
    times = TokenTimes()
    n = tokens = 0
    for frame, at_ms in frames:
        if isinstance(frame, Attempt):
            n = max(n, frame.n)
        elif isinstance(frame, Delta):
            if frame.n == n and frame.offset <= tokens:
                known, tokens = tokens, max(tokens, frame.offset + len(frame.token_ids))
                times.came(tokens - known, at_ms)
        elif isinstance(frame, End) and frame.n in (None, n) and frame.tokens in (None, tokens):
            break
    return times
