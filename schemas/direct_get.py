"""Read a stream's messages in batches, without a consumer: batched direct get (NATS ADR-31).

A read sees every write that was acknowledged before it. nats-py has no call for it, so requests
are made by hand; all of a connection's answers come in through one subscription.
"""

import asyncio
import itertools
from typing import Any, NamedTuple, Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.errors import ErrorCode, RivuletError

_TIMEOUT_S = 2.0
_NO_MESSAGES = "404"
_END_OF_BATCH = "204"


class LogUnavailable(RivuletError):
    """The broker did not answer in time; the same call may succeed later."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class Batch(NamedTuple):
    """Messages in stream order, and how many that match are still to come after them."""

    messages: list[Msg]
    pending: int


class DirectGet:
    """Batched reads over one broker connection; safe for any number of tasks."""

    def __init__(self, broker: Client) -> None:
        """Use ``open`` instead: reads need the subscription that it makes."""
        self._broker = broker
        self._inbox = broker.new_inbox()
        self._waiting: dict[str, asyncio.Queue[Msg]] = {}
        self._numbers = itertools.count()

    @classmethod
    async def open(cls, broker: Client) -> Self:
        """Return a reader over ``broker`` that is ready to read."""
        reader = cls(broker)
        await broker.subscribe(f"{reader._inbox}.*", cb=reader._receive)
        return reader

    async def read(self, stream: str, request: dict[str, Any]) -> Batch:
        """Return one batch; ``request`` has ADR-31's fields. Raises ``LogUnavailable``."""
        reply_to = f"{self._inbox}.{next(self._numbers)}"
        answers: asyncio.Queue[Msg] = asyncio.Queue()
        self._waiting[reply_to] = answers
        try:
            await self._broker.publish(
                f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(request), reply=reply_to
            )
            return await _collect(answers)
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable from error
        finally:
            del self._waiting[reply_to]

    async def _receive(self, message: Msg) -> None:
        answers = self._waiting.get(message.subject)
        if answers is not None:
            answers.put_nowait(message)


async def _collect(answers: asyncio.Queue[Msg]) -> Batch:
    messages: list[Msg] = []
    while True:
        message = await asyncio.wait_for(answers.get(), _TIMEOUT_S)
        headers = message.headers or {}
        status = headers.get("Status")
        if status == _END_OF_BATCH:
            return Batch(messages, int(headers.get("Nats-Num-Pending", 0)))
        if status == _NO_MESSAGES:
            return Batch(messages, 0)
        if status is not None:
            raise LogUnavailable(f"the broker answered a read with status {status}")
        messages.append(message)
