"""Read a stream's messages in batches, without a consumer: batched direct get (NATS ADR-31).

A read sees every write that was acknowledged before it. nats-py has no call for it, so requests
are made by hand; all of a connection's answers come in through one subscription, and without a task
switch each, since a reply may have thousands of frames.
"""

import asyncio
import itertools
from typing import Any, NamedTuple, Self, cast

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.errors import ErrorCode, RivuletError

# A broker that says nothing for so long has not heard the request.
_SILENCE_S = 2.0
# How soon it is noticed that the connection was lost, and the request or its answer with it.
_LOOK_S = 0.1
# Requests of one connection are answered one after another, each after a search through all that
# lies between the messages that match: tens of milliseconds after a burst of others. More at once
# would not be quicker, and those at the end of a long line would be given up and asked again while
# the broker still works on them: a line that never ends.
_AT_ONCE = 4
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


class _Answers:
    """The messages of one request until the one that ends them."""

    def __init__(self) -> None:
        self.messages: list[Msg] = []
        self.end: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

    def take(self, message: Msg) -> None:
        if (message.headers or {}).get("Status") is None:
            self.messages.append(message)
        elif not self.end.done():
            self.end.set_result(message)


class DirectGet:
    """Batched reads over one broker connection; safe for any number of tasks."""

    def __init__(self, broker: Client) -> None:
        """Use ``open`` instead: reads need the subscription that it makes."""
        self._broker = broker
        self._inbox = broker.new_inbox()
        self._waiting: dict[str, _Answers] = {}
        self._numbers = itertools.count()
        self._room = asyncio.Semaphore(_AT_ONCE)

    @classmethod
    async def open(cls, broker: Client) -> Self:
        """Return a reader over ``broker`` that is ready to read."""
        reader = cls(broker)
        await broker.subscribe(f"{reader._inbox}.*", future=cast("Any", reader))
        return reader

    async def read(self, stream: str, request: dict[str, Any]) -> Batch:
        """Return one batch; ``request`` has ADR-31's fields. Raises ``LogUnavailable``."""
        async with self._room:
            if self._broker.is_connected:
                return await self._read(stream, request)
        # Who asks again at once must let the connection come back.
        await asyncio.sleep(_LOOK_S)
        raise LogUnavailable

    async def _read(self, stream: str, request: dict[str, Any]) -> Batch:
        reply_to = f"{self._inbox}.{next(self._numbers)}"
        answers = self._waiting[reply_to] = _Answers()
        connection = self._broker.stats["reconnects"]
        try:
            await self._broker.publish(
                f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(request), reply=reply_to
            )
            await self._until_ended(answers, connection)
        except NatsError as error:
            raise LogUnavailable from error
        finally:
            del self._waiting[reply_to]
        return _batch(answers)

    def cancelled(self) -> bool:
        """Tell nats-py that messages are wanted: it takes this for a subscription's future."""
        return False

    def set_result(self, message: Msg) -> None:
        """Take one message, as such a future does, without a switch to another task."""
        answers = self._waiting.get(message.subject)
        if answers is not None:
            answers.take(message)

    async def _until_ended(self, answers: _Answers, connection: int) -> None:
        """Wait for the last answer as long as others come in, over this connection."""
        clock = asyncio.get_running_loop().time
        so_far, since = 0, clock()
        while True:
            # First of all: who asks again at once must let the connection come back.
            await asyncio.wait((answers.end,), timeout=_LOOK_S)
            if answers.end.done():
                return
            if self._broker.stats["reconnects"] != connection or not self._broker.is_connected:
                raise LogUnavailable
            if len(answers.messages) != so_far:
                so_far, since = len(answers.messages), clock()
            elif clock() - since > _SILENCE_S:
                raise LogUnavailable


def _batch(answers: _Answers) -> Batch:
    headers = answers.end.result().headers or {}
    status = headers.get("Status")
    if status == _END_OF_BATCH:
        return Batch(answers.messages, int(headers.get("Nats-Num-Pending", 0)))
    if status == _NO_MESSAGES:
        return Batch(answers.messages, 0)
    raise LogUnavailable(f"the broker answered a read with status {status}")
