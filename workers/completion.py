"""Tell the log of facts that a reply has ended, then acknowledge its prompt. At least once."""

import asyncio
import time

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from schemas import subjects
from schemas.events import PromptSubmitted, ReplyFinished, encode_event
from schemas.frames import End
from schemas.streams import CHAT, TEMPORARY_TTL_S

_TIMEOUT_S = 2.0
_RETRY_S = 0.2

log = structlog.get_logger(__name__)


def finished_event(
    prompt: PromptSubmitted,
    end: End,
    text: str,
    *,
    attempts: int,
    worker: str,
    finished_at_ms: int,
) -> ReplyFinished:
    """Build the event from the end that counts; ``text`` is the fold of the frames. Pure.

    ``end`` must have its usage and timings, which a canceller's frame does not carry.
    """
    if end.usage is None or end.timings is None:
        raise ValueError("an end without usage and timings cannot be reported")
    return ReplyFinished(
        reply_id=prompt.reply_id,
        user_id=prompt.user_id,
        user_message_id=prompt.user_message_id,
        assistant_message_id=prompt.assistant_message_id,
        conversation_id=prompt.conversation_id,
        model=prompt.model,
        status=end.status,
        finish_reason=end.finish_reason,
        error=end.error,
        text=text,
        usage=end.usage,
        timings=end.timings,
        attempts=attempts,
        worker=worker,
        submitted_at_ms=prompt.submitted_at_ms,
        finished_at_ms=finished_at_ms,
        client=prompt.client,
        kind=prompt.kind,
        temporary=prompt.temporary,
    )


class Completion:
    """Publishes ReplyFinished and acknowledges prompts over one connection."""

    def __init__(self, broker: Client) -> None:
        self._broker = broker
        self._jetstream = broker.jetstream(timeout=_TIMEOUT_S)

    async def finish(self, event: ReplyFinished, delivery: Msg) -> None:
        """Store the event, then confirm the acknowledgement; waits for a broker that is away."""
        await self._publish(event)
        try:
            await delivery.ack_sync(timeout=_TIMEOUT_S)
        except (NatsError, TimeoutError):
            # The prompt comes again; whoever gets it finds the end in the log.
            log.warning("prompt_not_acknowledged")

    async def _publish(self, event: ReplyFinished) -> None:
        subject = subjects.finished(event.user_id, event.model)
        headers = {"Nats-Msg-Id": f"finished:{event.reply_id}"}
        if event.temporary:
            headers["Nats-TTL"] = str(TEMPORARY_TTL_S)
        payload = encode_event(event)
        while True:
            try:
                await self._jetstream.publish(subject, payload, stream=CHAT, headers=headers)
            except (NatsError, APIError, TimeoutError) as error:
                log.warning("finished_not_published", error=repr(error))
                await asyncio.sleep(_RETRY_S)
            else:
                return


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
