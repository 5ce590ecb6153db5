"""Refuse a prompt that does not fit into the model's context, before it is published."""

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError

from gateway.broker_link import BrokerLink
from gateway.errors import BodyTooLarge, PromptTooLong
from gateway.model_directory import ModelState
from schemas import subjects
from schemas.beacon import CountAnswer, CountRequest
from schemas.events import ChatMessage

_TIMEOUT_S = 1.0
# Tokens that a chat template adds: a fixed preamble, and the marks around each message. A template
# that adds more is found out by the worker, which then ends the reply as too long.
_TEMPLATE_TOKENS = 128
_TEMPLATE_TOKENS_PER_MESSAGE = 16

log = structlog.get_logger(__name__)


class PromptCounter:
    """Asks a worker of the model how many tokens a prompt has."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link

    async def refuse_too_long(self, model: ModelState, messages: tuple[ChatMessage, ...]) -> None:
        """Raise ``PromptTooLong``; a prompt that nobody can count now is let through."""
        if not model.ready or certainly_fits(messages, model.max_model_len):
            return
        answer = await self.count(model.model, messages)
        if answer is not None and answer.prompt_tokens >= answer.max_model_len:
            raise too_long(answer)

    async def count(self, model: str, messages: tuple[ChatMessage, ...]) -> CountAnswer | None:
        """Return what a worker says, ``None`` if none does; raises ``BodyTooLarge``."""
        try:
            answer = await self._link.session().client.request(
                subjects.count(model),
                msgspec.json.encode(CountRequest(messages)),
                timeout=_TIMEOUT_S,
            )
            return msgspec.json.decode(answer.data, type=CountAnswer)
        except MaxPayloadError as error:
            raise BodyTooLarge from error
        except (NatsError, TimeoutError, msgspec.DecodeError) as error:
            # The worker counts again and ends what is too long.
            log.info("prompt_not_counted", error=repr(error))
            return None


def too_long(answer: CountAnswer) -> PromptTooLong:
    """Return the refusal of a prompt that leaves no room for a reply."""
    return PromptTooLong(
        f"The messages have {answer.prompt_tokens} tokens, but the model's context is "
        f"{answer.max_model_len} tokens for prompt and reply together. "
        "Shorten the messages.",
        param="messages",
    )


def certainly_fits(messages: tuple[ChatMessage, ...], max_model_len: int | None) -> bool:
    """Tell without asking: a token is never less than a byte. Pure."""
    if max_model_len is None:
        return False
    most = _TEMPLATE_TOKENS + sum(
        len(message.content.encode()) + _TEMPLATE_TOKENS_PER_MESSAGE for message in messages
    )
    return most < max_model_len
