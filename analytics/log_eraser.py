"""Remove messages from the two logs, for erasures. What is gone already is no error.

``STREAM.MSG.DELETE`` overwrites the message on the broker's disk; a purge only forgets where it was
(https://docs.nats.io/reference/reference-protocols/nats_api_reference).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from analytics.errors import LogRefused, LogUnavailable
from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.direct_get import LogUnavailable as ReadFailed
from schemas.events import Event, decode_event
from schemas.streams import CHAT, REPLIES

_TIMEOUT_S = 5.0
# The broker says that a message is gone in more ways than one: at the ends of the stream by these
# words, within it by this code.
_GONE = ("no message found", "stream store EOF")
_NO_SUCH_SEQUENCE = 10043
_AT_ONCE = 16
_BATCH = 64
_BATCH_BYTES = 4 * 1024 * 1024


@dataclass
class Removed:
    """How many messages of the two logs were removed, also by a call that was cut short."""

    log_events: int = 0
    reply_frames: int = 0


class LogEraser(Protocol):
    """Removes for good; all raise ``LogUnavailable``, and may be called again.

    Each adds to ``removed`` what it has removed.
    """

    async def delete_events(self, sequences: Iterable[int], removed: Removed) -> None:
        """Delete messages of CHAT."""

    async def overwrite_facts(self, user_id: str, removed: Removed) -> None:
        """Overwrite all about a user in CHAT."""

    async def purge_reply(self, reply_id: str, removed: Removed) -> None:
        """Remove a reply's frames and claims."""

    async def overwrite_reply(self, reply_id: str, removed: Removed) -> None:
        """Do so, and overwrite the frames; that takes long."""

    def facts(self, subject: str) -> AsyncIterator[tuple[int, Event]]:
        """Yield what CHAT holds on a subject with wildcards: sequences and events."""


class BrokerLogEraser:
    """The logs of a broker; ``connect`` returns the one connection to it."""

    def __init__(self, connect: Callable[[], Awaitable[Client]]) -> None:
        self._connect = connect
        self._reader: DirectGet | None = None

    async def delete_events(self, sequences: Iterable[int], removed: Removed) -> None:
        """Delete messages of CHAT."""
        room = asyncio.Semaphore(_AT_ONCE)
        failures: list[Exception] = []

        async def delete(sequence: int) -> None:
            async with room:
                if failures:
                    return
                try:
                    count = await self._delete(CHAT, sequence)
                except (LogUnavailable, LogRefused) as error:
                    failures.append(error)
                else:
                    removed.log_events += count

        # Those that have begun are waited for, or they would go uncounted.
        await asyncio.gather(*(delete(sequence) for sequence in sequences))
        if failures:
            raise failures[0]

    async def overwrite_facts(self, user_id: str, removed: Removed) -> None:
        """Overwrite all about a user in CHAT."""
        async for count in self._overwrite(CHAT, subjects.facts_of_user(user_id)):
            removed.log_events += count

    async def purge_reply(self, reply_id: str, removed: Removed) -> None:
        """Remove a reply's frames and claims.

        Without its claim the reply's worker can end it no more, and stops.
        """
        await self._purge_claims(reply_id, removed)
        count = await self._purge(REPLIES, subjects.reply(reply_id))
        removed.reply_frames += count

    async def overwrite_reply(self, reply_id: str, removed: Removed) -> None:
        """Do so, and overwrite the frames; that takes long."""
        await self._purge_claims(reply_id, removed)
        async for count in self._overwrite(REPLIES, subjects.reply(reply_id)):
            removed.reply_frames += count

    async def _purge_claims(self, reply_id: str, removed: Removed) -> None:
        count = await self._purge(REPLIES, subjects.claim(reply_id))
        removed.reply_frames += count

    async def facts(self, subject: str) -> AsyncIterator[tuple[int, Event]]:
        """Yield what CHAT holds on a subject with wildcards: sequences and events."""
        async for messages in self._batches(CHAT, subject):
            for message in messages:
                try:
                    event = decode_event(message.data)
                except (msgspec.DecodeError, RecursionError):
                    continue
                yield _sequence_of(message), event

    async def _batches(self, stream: str, subject: str) -> AsyncIterator[list[Msg]]:
        if self._reader is None:
            self._reader = await DirectGet.open(await self._connect())
        at = 1
        limits = {"batch": _BATCH, "max_bytes": _BATCH_BYTES}
        while True:
            try:
                messages, pending = await self._reader.read(
                    stream, {"seq": at, "next_by_subj": subject, **limits}
                )
            except ReadFailed as error:
                raise LogUnavailable("the broker does not answer a read") from error
            if messages:
                at = _sequence_of(messages[-1]) + 1
                yield messages
            if not messages or not pending:
                return

    async def _overwrite(self, stream: str, subject: str) -> AsyncIterator[int]:
        """Overwrite what there is, a batch at a time; then purge what has come meanwhile.

        Yields numbers of messages removed.
        For each message the broker reads the whole block around it (8 MB) again, and stores
        nothing else in that stream meanwhile; so everybody else has as long in between.
        """
        clock = asyncio.get_running_loop().time
        async for messages in self._batches(stream, subject):
            for message in messages:
                began = clock()
                yield await self._delete(stream, _sequence_of(message))
                await asyncio.sleep(clock() - began)
        yield await self._purge(stream, subject)

    async def _delete(self, stream: str, sequence: int) -> int:
        answer = await self._ask(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence})
        return int(answer.get("success", False))

    async def _purge(self, stream: str, subject: str) -> int:
        answer = await self._ask(f"STREAM.PURGE.{stream}", {"filter": subject})
        return int(answer.get("purged", 0))

    async def _ask(self, call: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            broker = await self._connect()
            answer = await broker.request(
                f"$JS.API.{call}", orjson.dumps(request), timeout=_TIMEOUT_S
            )
        except (NatsError, TimeoutError) as cause:
            raise LogUnavailable("the broker does not answer an erasure") from cause
        parsed: dict[str, Any] = orjson.loads(answer.data)
        error = parsed.get("error")
        if error is not None and not _is_gone(error):
            # Without this the documents would go, which alone know what is still in the log.
            raise LogRefused(f"the broker refused an erasure: {error.get('description')}")
        return parsed


def _is_gone(error: dict[str, Any]) -> bool:
    return error.get("err_code") == _NO_SUCH_SEQUENCE or error.get("description") in _GONE


def _sequence_of(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])
