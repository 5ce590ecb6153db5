"""Hold back what must not be published yet, and end a reply at its stop string. Pure.

Only whole tokens whose text is settled go out: a token that ends within a character waits for
the one that completes it, and text that may be the beginning of a stop string waits until it is
decided. A worker that takes over looks for stop strings over the end of the published text too.
"""

from collections.abc import Sequence
from itertools import accumulate

from workers.engines.port import Token


class StopStrings:
    """Feed it tokens; it returns those that may be published.

    ``before`` is text that was published already: a stop string may begin in its end.
    ``stopped`` turns true when a stop string was found: the text is cut before it, the tokens
    that made it are counted. Stop strings are not looked for in the first ``min_tokens`` tokens.
    """

    def __init__(self, stops: Sequence[str], *, min_tokens: int = 0, before: str = "") -> None:
        self._stops = tuple(stops)
        self._reach = max((len(stop) for stop in stops), default=1) - 1
        self._before = self._end_of(before)
        self._unchecked = min_tokens
        self._held: list[Token] = []
        self.stopped = False

    def push(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Take the next tokens; return the settled ones."""
        if not self._stops and not self._held and tokens and tokens[-1][1]:
            return tokens
        unchecked, tokens = tokens[: self._unchecked], tokens[self._unchecked :]
        self._unchecked -= len(unchecked)
        self._held.extend(unchecked)
        released = self._release(self._text_length()) if unchecked else ()
        return [*released, *self._check(tokens)] if tokens else released

    def _check(self, tokens: Sequence[Token]) -> Sequence[Token]:
        self._held.extend(tokens)
        if not self._stops:
            return self._release(self._text_length())
        text = "".join(text for _, text in self._held)
        found = self._find(text)
        if found is not None:
            self.stopped = True
            return self._cut(*found)
        return self._release(len(text) - self._possible_beginning(text))

    def flush(self) -> Sequence[Token]:
        """Return everything that is held: the model has ended."""
        held, self._held = self._held, []
        return held

    def _text_length(self) -> int:
        return sum(len(text) for _, text in self._held)

    def _find(self, text: str) -> tuple[int, int] | None:
        """Return where the earliest stop string begins and ends, counted from ``text``."""
        whole, offset = self._before + text, len(self._before)
        # What ends within published text was let through on purpose (``min_tokens``).
        places = [
            (whole.find(stop, max(0, offset - len(stop) + 1)), len(stop)) for stop in self._stops
        ]
        found = [(start - offset, start - offset + size) for start, size in places if start >= 0]
        return min(found, default=None)

    def _possible_beginning(self, text: str) -> int:
        """Return how much of the end of ``text`` may belong to a stop string."""
        whole = self._before + text
        for length in range(min(len(whole), self._reach), 0, -1):
            if any(stop.startswith(whole[-length:]) for stop in self._stops):
                return min(length, len(text))
        return 0

    def _end_of(self, text: str) -> str:
        """Return the end of published text in which a stop string may begin."""
        return text[-self._reach :] if self._reach else ""

    def _release(self, settled: int) -> Sequence[Token]:
        """Return the held tokens whose text lies within the first ``settled`` characters."""
        count = 0
        ends = accumulate(len(text) for _, text in self._held)
        for index, end in enumerate(ends):
            if end > settled:
                break
            if self._held[index][1]:
                count = index + 1
        released, self._held = self._held[:count], self._held[count:]
        if self._stops:
            self._before = self._end_of(self._before + "".join(text for _, text in released))
        return released

    def _cut(self, start: int, end: int) -> Sequence[Token]:
        """Return the held tokens up to the one that completes the stop string, without its text."""
        cut: list[Token] = []
        position = 0
        for token_id, text in self.flush():
            cut.append((token_id, text[: max(0, start - position)]))
            position += len(text)
            if position >= end:
                break
        return cut
