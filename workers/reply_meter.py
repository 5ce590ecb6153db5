"""Count one reply's tokens and time, over all its attempts. Pure."""

from schemas.events import Timings, Usage
from schemas.histogram import Histogram
from schemas.token_times import TokenTimes, times_in_log
from workers.earlier import Earlier


class ReplyMeter:
    """Times are Unix milliseconds; ``submitted_at_ms`` is when the gateway took the prompt."""

    def __init__(self, submitted_at_ms: int, now_ms: int) -> None:
        self.began_at_ms = now_ms
        self.tokens_made = 0
        self.prompt_tokens = 0
        self._submitted_at_ms = submitted_at_ms
        self._first_token_at_ms: int | None = None
        self._cached_tokens: int | None = None
        self._times = TokenTimes()

    def take_over(self, earlier: Earlier) -> None:
        """Count from what earlier attempts left in the log."""
        if earlier.first_frame_at_ms is not None:
            self.began_at_ms = earlier.first_frame_at_ms
        self._first_token_at_ms = earlier.first_token_at_ms
        self._times = times_in_log(earlier.frames)
        if earlier.prompt_tokens is not None:
            self.prompt_tokens = earlier.prompt_tokens
            # Not what a later attempt finds in its cache, which may hold the prefix as well.
            self._cached_tokens = earlier.cached_tokens

    @property
    def cached_tokens(self) -> int:
        """Tokens of the prompt that the engine had cached."""
        return min(self._cached_tokens or 0, self.prompt_tokens)

    def prompt(self, tokens: int) -> None:
        """Learn how many tokens the prompt has."""
        self.prompt_tokens = tokens

    def made(self, tokens: int, cached_tokens: int, now_ms: float) -> None:
        """Count tokens that go out just now; none while their text is held back."""
        if self._first_token_at_ms is None and tokens:
            self._first_token_at_ms = int(now_ms)
        if self._cached_tokens is None:
            self._cached_tokens = cached_tokens
        self.tokens_made += tokens
        self._times.came(tokens, now_ms)

    @property
    def inter_token_ms(self) -> Histogram:
        """The times between the tokens that have gone out."""
        return self._times.histogram

    def usage(self, completion_tokens: int) -> Usage:
        """Return the usage of a reply of this length."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=completion_tokens,
            cached_tokens=self.cached_tokens,
        )

    def timings(self, now_ms: int) -> Timings:
        """Return the timings of a reply that ends now; clocks that disagree never go below 0."""
        first = self._first_token_at_ms
        return Timings(
            queue_ms=max(0, self.began_at_ms - self._submitted_at_ms),
            first_token_ms=None if first is None else max(0, first - self._submitted_at_ms),
            total_ms=max(0, now_ms - self._submitted_at_ms),
        )
