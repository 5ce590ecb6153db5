"""How fast one worker is: tokens a second, and seconds a reply, for its beacon."""

import asyncio
from collections.abc import Callable

# The mean covers about the latest ten replies: it follows a change of load within seconds.
_WEIGHT_OF_NEWEST = 0.1


class Pace:
    """``tokens_made`` returns a count that grows with every token.

    ``tokens_per_s`` is of the last second, ``reply_s`` is 0 while no reply has ended.
    """

    def __init__(self, tokens_made: Callable[[], int]) -> None:
        self.tokens_per_s = 0.0
        self.reply_s = 0.0
        self._tokens_made = tokens_made

    def reply_ended(self, took_s: float) -> None:
        """Count one reply that took so long from claim to end."""
        if self.reply_s == 0.0:
            self.reply_s = took_s
        else:
            self.reply_s += _WEIGHT_OF_NEWEST * (took_s - self.reply_s)

    async def run(self) -> None:
        """Measure the tokens until cancelled."""
        clock = asyncio.get_running_loop().time
        before, at = self._tokens_made(), clock()
        while True:
            await asyncio.sleep(1.0)
            now, tokens = clock(), self._tokens_made()
            self.tokens_per_s = (tokens - before) / (now - at)
            before, at = tokens, now
