"""Turn signals into one orderly stop, and a second Ctrl-C into an immediate one."""

import asyncio
import signal
import time
from collections.abc import Callable

# One key press can arrive twice, from the terminal and from a parent that passes it on.
_SAME_PRESS_S = 0.3


class StopRequest:
    """Set once somebody wants the stack to stop."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._asked = asyncio.Event()
        self._asked_at = 0.0

    def listen(self, task: "asyncio.Task[int]") -> None:
        """Stop on SIGINT, SIGTERM or SIGHUP; cancel ``task`` on a SIGINT after that."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask)
        loop.add_signal_handler(signal.SIGINT, self._interrupted, task)

    def ask(self) -> None:
        """Ask for an orderly stop; asking again changes nothing."""
        if not self._asked.is_set():
            self._asked_at = time.monotonic()
            self._asked.set()

    async def wait(self) -> None:
        """Wait until a stop is asked for."""
        await self._asked.wait()

    def _interrupted(self, task: "asyncio.Task[int]") -> None:
        if not self._asked.is_set():
            self._say("stopping; Ctrl-C again kills at once")
            self.ask()
        elif time.monotonic() - self._asked_at > _SAME_PRESS_S:
            self._say("killing")
            task.cancel()


def ignore_signals() -> None:
    """End the time in which a signal means something: what is left to do takes an instant."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Ours are removed first: the loop would put the defaults back when it is closed.
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
