"""Read prompts from the log of facts, and publish those that ask for a title."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from analytics.errors import LogUnavailable
from schemas.direct_get import DirectGet
from schemas.direct_get import LogUnavailable as ReadFailed
from schemas.events import PromptSubmitted, encode_event
from schemas.prompt_log import find_prompt, subject_of
from schemas.streams import CHAT
from schemas.tracing import inject, span

_TIMEOUT_S = 5.0


class TitleLog(Protocol):
    """The log of facts; both raise ``LogUnavailable``."""

    async def prompt(self, user_id: str, reply_id: str) -> PromptSubmitted | None:
        """Return the prompt of a reply, if the log holds it."""

    async def publish(self, prompt: PromptSubmitted) -> None:
        """Store a title's prompt; a repeat within ten minutes is not stored again."""


class BrokerTitleLog:
    """The log of a broker; ``connect`` returns the one connection to it."""

    def __init__(self, connect: Callable[[], Awaitable[Client]]) -> None:
        self._connect = connect
        self._reader: DirectGet | None = None

    async def prompt(self, user_id: str, reply_id: str) -> PromptSubmitted | None:
        """Return the prompt of a reply, if the log holds it."""
        try:
            if self._reader is None:
                self._reader = await DirectGet.open(await self._connect())
            found = await find_prompt(self._reader, user_id, reply_id)
        except (ReadFailed, NatsError) as error:
            raise LogUnavailable("the broker does not answer a read") from error
        return None if found is None else found.prompt

    async def publish(self, prompt: PromptSubmitted) -> None:
        """Store a title's prompt; a repeat within ten minutes is not stored again."""
        headers = {"Nats-Msg-Id": f"title:{prompt.conversation_id}"}
        try:
            jetstream = (await self._connect()).jetstream(timeout=_TIMEOUT_S)
            with span("prompt publish", "producer", reply_id=prompt.reply_id, model=prompt.model):
                inject(headers)
                await jetstream.publish(
                    subject_of(prompt), encode_event(prompt), stream=CHAT, headers=headers
                )
        except (NatsError, APIError, TimeoutError) as error:
            raise LogUnavailable("the broker did not take the prompt of a title") from error
