"""Tell the broker that the prompts in hand are being worked on, whatever the engine does."""

import asyncio
from collections.abc import Callable, Collection

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from workers.reply_run import ReplyRun

# Well inside ack_wait, with one notice to spare.
_MAX_PERIOD_S = 1.5
_OF_ACK_WAIT = 0.3

log = structlog.get_logger(__name__)


class InProgress:
    """Sends ``+WPI`` for every run, each ``period_s`` and when asked."""

    def __init__(
        self, broker: Client, ack_wait_s: float, runs: Callable[[], Collection[ReplyRun]]
    ) -> None:
        self.period_s = min(_MAX_PERIOD_S, ack_wait_s * _OF_ACK_WAIT)
        self._broker = broker
        self._runs = runs

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await asyncio.sleep(self.period_s)
            await self.send()

    async def send(self) -> None:
        """Send one notice for each prompt now."""
        if not self._broker.is_connected:
            return
        for run in list(self._runs()):
            try:
                await run.delivery.in_progress()
            except NatsError as error:
                log.debug("in_progress_failed", reply_id=run.reply_id, error=repr(error))
