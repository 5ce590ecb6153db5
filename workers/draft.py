"""What one worker knows of one reply: the prefix it took over and the tokens it made. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from schemas.events import FinishReason
from schemas.fold import FoldedReply
from schemas.frames import Delta, delta_of
from workers.engines.port import Token


class Draft:
    """Tokens of a reply in order, and how many of them were handed to the broker.

    Offsets count from the start of the reply, prefix included. ``finish`` is set when the model
    has ended, and travels with the last delta.
    """

    def __init__(self, n: int, prefix: FoldedReply) -> None:
        self.n = n
        self.finish: FinishReason | None = prefix.state.finish
        self.frames_sent = 0
        # Of the prompt, told with the reply's first token for whoever ends the reply instead of us.
        self.prompt_tokens: int | None = None
        self.cached_tokens = 0
        self.prefix = prefix
        self._made: list[Token] = []
        self._sent = 0

    @property
    def tokens(self) -> int:
        """Tokens of the whole reply so far."""
        return self.prefix.state.tokens + len(self._made)

    @property
    def made(self) -> int:
        """Tokens that this attempt has added to the prefix."""
        return len(self._made)

    @property
    def sent_tokens(self) -> int:
        """Tokens of the whole reply that were handed to the broker, or taken over."""
        return self.prefix.state.tokens + self._sent

    @property
    def has_unsent(self) -> bool:
        """Whether some tokens were not handed to the broker yet."""
        return self._sent < len(self._made)

    @property
    def text(self) -> str:
        """The whole reply's text."""
        return self.prefix.text + "".join(text for _, text in self._made)

    def add(self, tokens: Sequence[Token], finish: FinishReason | None = None) -> None:
        """Append settled tokens; ``finish`` says that they are the last."""
        self._made.extend(tokens)
        self.finish = finish

    def take_unsent(self) -> Delta:
        """Return the tokens that were not sent yet as one delta, and count them as sent."""
        delta = self._delta(self._sent, len(self._made))
        self._sent = len(self._made)
        self.frames_sent += 1
        return delta

    def take_from(self, folded_tokens: int) -> Delta:
        """Return everything past ``folded_tokens``, sent or not, as one delta for a repair."""
        delta = self._delta(folded_tokens - self.prefix.state.tokens, len(self._made))
        self._sent = len(self._made)
        self.frames_sent += 1
        return delta

    def _delta(self, start: int, end: int) -> Delta:
        finish = self.finish if end == len(self._made) else None
        offset = self.prefix.state.tokens + start
        delta = delta_of(self.n, offset, self._made[start:end], finish)
        if offset > 0:
            return delta
        return replace(delta, prompt_tokens=self.prompt_tokens, cached_tokens=self.cached_tokens)
