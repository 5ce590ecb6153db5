"""Tell the log of facts that a reply has ended, then acknowledge its prompt. At least once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.direct_get import LogUnavailable
from schemas.errors import ErrorCode
from schemas.events import PromptDied, PromptSubmitted, ReplyFinished
from schemas.finished_publisher import publish_finished
from workers.dead_letters.publisher import publish_dead_letter

_TIMEOUT_S = 2.0
_RETRY_S = 0.2

log = structlog.get_logger(__name__)


class Completion:
    """Publishes events and acknowledges prompts over one connection."""

    def __init__(self, broker: Client) -> None:
        self._jetstream = broker.jetstream(timeout=_TIMEOUT_S)

    async def finish(
        self, prompt: PromptSubmitted, event: ReplyFinished, delivery: Callable[[], Msg]
    ) -> None:
        """Store the event, then confirm the acknowledgement of the prompt's latest delivery.

        A prompt that killed its workers is kept as a dead letter first. Waits for a broker that
        is away.
        """
        if event.error is not None and event.error.code == ErrorCode.POISON:
            letter = PromptDied(
                prompt=prompt,
                error=event.error,
                attempts=event.attempts,
                died_at_ms=event.finished_at_ms,
            )
            await _until_stored(lambda: publish_dead_letter(self._jetstream, letter))
        await _until_stored(lambda: publish_finished(self._jetstream, event))
        try:
            await delivery().ack_sync(timeout=_TIMEOUT_S)
        except (NatsError, TimeoutError):
            # The prompt comes again; whoever gets it finds the end in the log.
            log.warning("prompt_not_acknowledged")


async def _until_stored(publish: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await publish()
        except LogUnavailable as error:
            log.warning("event_not_published", error=str(error))
            await asyncio.sleep(_RETRY_S)
        else:
            return


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
