"""End a worker whose engine is dead, or alive but stuck: others can run its replies."""

import asyncio
from collections.abc import Callable

from workers.engines.port import Engine
from workers.errors import EngineStuck

_PERIOD_S = 1.0


class Watchdog:
    """Raises when the engine is gone, or made no token for ``silence_s`` with replies to run.

    vLLM's own health check sees a dead engine core, not a scheduler that never schedules.
    ``running`` returns how many replies the engine has, ``progress`` a count that grows with every
    token.
    """

    def __init__(
        self,
        engine: Engine,
        silence_s: float,
        running: Callable[[], int],
        progress: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._silence_s = silence_s
        self._running = running
        self._progress = progress

    async def run(self) -> None:
        """Watch until cancelled; raises ``EngineDied`` or ``EngineStuck``."""
        clock = asyncio.get_running_loop().time
        seen, since = self._progress(), clock()
        while True:
            await asyncio.sleep(_PERIOD_S)
            await self._engine.check()
            if self._running() == 0 or self._progress() != seen:
                seen, since = self._progress(), clock()
            elif clock() - since > self._silence_s:
                raise EngineStuck
