"""Take a prompt in: check that it can be answered, publish it, and follow its reply if wanted."""

import time
from typing import NamedTuple

import structlog

from gateway.admission import AskedPrompt, accepted_prompt
from gateway.admission_limits import AdmissionLimits, Seat
from gateway.errors import LimitReached, ModelNotFound, PromptUnconfirmed
from gateway.hang_up import HangUps
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.prompt_counter import PromptCounter
from gateway.prompt_publisher import Accepted, PromptPublisher
from gateway.queue_locations import Location, QueueLocations
from gateway.reply_relay import ReplyRelay
from gateway.reply_relays import ReplyRelays
from gateway.trimming import trimmed
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
        hang_ups: HangUps,
        limits: AdmissionLimits,
        locations: QueueLocations,
        metrics: GatewayMetrics,
        *,
        secret: bytes,
        start_deadline_s: float,
    ) -> None:
        self._models = models
        self._counter = counter
        self._publisher = publisher
        self._relays = relays
        self._hang_ups = hang_ups
        self._limits = limits
        self._locations = locations
        self._metrics = metrics
        self._secret = secret
        self._start_deadline_s = start_deadline_s

    async def earlier(self, user_id: str, key: str, request_digest: str) -> PromptSubmitted | None:
        """Return the prompt that an idempotency key stands for, or ``None``.

        For callers that cannot know what to ask once the prompt has been accepted. Raises
        ``BrokerUnavailable`` or ``IdempotencyKeyReused``.
        """
        found = await self._publisher.find(user_id, key, request_digest)
        if found is None:
            return None
        self._note(found)
        return found.event

    async def follow(self, earlier: PromptSubmitted) -> Followed:
        """Follow the reply of a prompt accepted earlier; the caller releases the relay."""
        relay = await self._follow(earlier)
        relay.look_into_log("open")
        return Followed(earlier, relay)

    async def submit(self, asked: AskedPrompt) -> PromptSubmitted:
        """Publish the prompt and return what stands in the log; raises ``GatewayError``."""
        event, seat = await self._admit(asked)
        with seat:
            return (await self._publish(event, asked, seat)).event

    async def submit_and_follow(self, asked: AskedPrompt) -> Followed:
        """Publish the prompt and follow its reply; the caller releases the relay.

        The relay is opened first: then no frame can be missed, and none has to be looked up.
        """
        event, seat = await self._admit(asked)
        with seat:
            relay = await self._follow(event)
            try:
                accepted = await self._publish(event, asked, seat)
                if accepted.repeated:
                    await self._relays.release(relay)
                    return await self.follow(accepted.event)
            except BaseException:
                await self._relays.release(relay)
                raise
        return Followed(accepted.event, relay)

    async def _follow(self, event: PromptSubmitted) -> ReplyRelay:
        return await self._relays.follow(
            event.user_id,
            event.reply_id,
            deadline_ms=event.deadline_ms,
            # A chat completion is one response, and OpenAI's clients know no cursor.
            stays=event.client == "openai",
        )

    async def _admit(self, asked: AskedPrompt) -> tuple[PromptSubmitted, Seat]:
        """Return the event to publish, and room for it; raises before anything is published."""
        model = await self._models.find(asked.model)
        if model is None:
            raise ModelNotFound(
                f"The model {asked.model!r} does not exist; GET /v1/models lists those that do.",
                param="model",
            )
        self._limits.begin(asked.user_id, asked.model)
        if asked.may_trim:
            asked = await trimmed(self._counter, model, asked)
        else:
            await self._counter.refuse_too_long(model, asked.messages)
        event = accepted_prompt(
            asked,
            self._secret,
            now_ms=time.time_ns() // 1_000_000,
            start_deadline_s=self._start_deadline_s,
        )
        return event, await self._seat(event, asked.idempotency_key)

    async def _seat(self, event: PromptSubmitted, key: str | None) -> Seat:
        """Return room for the prompt; one that was accepted before needs none."""
        try:
            return await self._limits.admit(event.user_id, event.model)
        except LimitReached as refusal:
            if key and await self._publisher.find(event.user_id, key, event.request_digest):
                return Seat()
            self._metrics.prompt_refused(refusal.machine_code)
            log.info("prompt_refused", model=event.model, code=refusal.machine_code)
            raise

    async def _publish(self, event: PromptSubmitted, asked: AskedPrompt, seat: Seat) -> Accepted:
        structlog.contextvars.bind_contextvars(reply_id=event.reply_id)
        try:
            with self._hang_ups.publishing(event):
                accepted = await self._publisher.publish(event, asked.idempotency_key)
        except PromptUnconfirmed as error:
            error.reply_id = event.reply_id
            raise
        if not accepted.repeated:
            seat.take()
            self._metrics.prompt_accepted(event.client)
        self._note(accepted)
        return accepted

    def _note(self, accepted: Accepted) -> None:
        structlog.contextvars.bind_contextvars(reply_id=accepted.event.reply_id)
        location = Location(accepted.event.model, accepted.sequence)
        self._locations.remember(accepted.event.reply_id, location)
        log.info("prompt_accepted", model=accepted.event.model, repeated=accepted.repeated)
