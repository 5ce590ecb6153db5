"""Take a prompt in: check that it can be answered, publish it, and follow its reply if wanted."""

import time
from typing import NamedTuple

import structlog

from gateway.admission import AskedPrompt, accepted_prompt
from gateway.errors import GatewayError, ModelNotFound
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.prompt_counter import PromptCounter
from gateway.prompt_publisher import Accepted, PromptPublisher
from gateway.reply_relay import ReplyRelay
from gateway.reply_relays import ReplyRelays
from schemas.events import PromptSubmitted

log = structlog.get_logger(__name__)


class Followed(NamedTuple):
    """An accepted prompt and the relay of its reply."""

    event: PromptSubmitted
    relay: ReplyRelay


class Submission:
    """The way of every prompt, whichever route it came by."""

    def __init__(
        self,
        models: ModelDirectory,
        counter: PromptCounter,
        publisher: PromptPublisher,
        relays: ReplyRelays,
        metrics: GatewayMetrics,
        *,
        secret: bytes,
        start_deadline_s: float,
    ) -> None:
        self._models = models
        self._counter = counter
        self._publisher = publisher
        self._relays = relays
        self._metrics = metrics
        self._secret = secret
        self._start_deadline_s = start_deadline_s

    async def submit(self, asked: AskedPrompt) -> PromptSubmitted:
        """Publish the prompt and return what stands in the log; raises ``GatewayError``."""
        event = await self._admit(asked)
        return (await self._publish(event, asked)).event

    async def submit_and_follow(self, asked: AskedPrompt) -> Followed:
        """Publish the prompt and follow its reply; the caller releases the relay.

        The relay is opened first: then no frame can be missed, and none has to be looked up.
        """
        event = await self._admit(asked)
        relay = await self._relays.follow(event.reply_id, deadline_ms=event.deadline_ms)
        try:
            accepted = await self._publish(event, asked)
            if accepted.repeated:
                await self._relays.release(relay)
                earlier = accepted.event
                relay = await self._relays.follow(earlier.reply_id, deadline_ms=earlier.deadline_ms)
                relay.look_into_log("open")
        except BaseException:
            await self._relays.release(relay)
            raise
        return Followed(accepted.event, relay)

    async def _admit(self, asked: AskedPrompt) -> PromptSubmitted:
        """Return the event to publish; raises before anything is published."""
        model = await self._models.find(asked.model)
        if model is None:
            raise ModelNotFound(
                f"The model {asked.model!r} does not exist; GET /v1/models lists those that do.",
                param="model",
            )
        await self._counter.refuse_too_long(model, asked.messages)
        return accepted_prompt(
            asked,
            self._secret,
            now_ms=time.time_ns() // 1_000_000,
            start_deadline_s=self._start_deadline_s,
        )

    async def _publish(self, event: PromptSubmitted, asked: AskedPrompt) -> Accepted:
        structlog.contextvars.bind_contextvars(reply_id=event.reply_id)
        try:
            accepted = await self._publisher.publish(event, asked.idempotency_key)
        except GatewayError as error:
            error.reply_id = event.reply_id
            raise
        if accepted.repeated:
            structlog.contextvars.bind_contextvars(reply_id=accepted.event.reply_id)
        else:
            self._metrics.prompt_accepted(event.client)
        log.info("prompt_accepted", model=event.model, repeated=accepted.repeated)
        return accepted
