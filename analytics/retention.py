"""Forget what is older than the instance keeps: conversations, completions, set-aside events.

A conversation's age counts from its last prompt or import. It is deleted by an event, as its owner
would delete it, so that store and logs lose it in the one way there is.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any, NamedTuple, Protocol

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from analytics.errors import LogUnavailable, StoreRefused, StoreUnavailable
from analytics.log_eraser import LogEraser, Removed
from schemas import subjects
from schemas.events import ConversationDeleted, encode_event
from schemas.streams import CHAT, DAY_S

_PERIOD_S = 3_600.0

log = structlog.get_logger(__name__)


class OldConversation(NamedTuple):
    """Of whom and which."""

    user_id: str
    conversation_id: str


class OldMessage(NamedTuple):
    """A message of a bare completion."""

    user_id: str
    message_id: str
    reply_id: str
    log_seqs: list[int]


class AgedStore(Protocol):
    """Finds what is old; raises ``StoreUnavailable`` or ``StoreRefused``."""

    def conversations_before(self, at_ms: int) -> AsyncIterator[OldConversation]:
        """Yield conversations whose last prompt or import is older."""

    async def bare_messages_before(self, at_ms: int) -> list[OldMessage]:
        """Return some older messages that belong to no conversation."""

    async def forget_messages(self, messages: list[OldMessage]) -> None:
        """Delete them."""

    async def forget_set_aside(self, at_ms: int) -> None:
        """Delete what was set aside earlier."""


class Retention:
    """Looks once an hour; two processes that look at once do no harm."""

    def __init__(
        self,
        store: AgedStore,
        eraser: LogEraser,
        connect: Callable[[], Awaitable[Client]],
        days: float,
    ) -> None:
        self._store = store
        self._log = eraser
        self._connect = connect
        self._days = days

    async def run(self, stopping: asyncio.Event) -> None:
        """Forget again and again, until cancelled or ``stopping``, as ``Erasure.run``."""
        while not stopping.is_set():
            try:
                await self.forget_old(time.time())
            except (StoreUnavailable, StoreRefused, LogUnavailable) as error:
                log.warning("retention_postponed", error=str(error))
            await asyncio.sleep(_PERIOD_S)

    async def forget_old(self, now_s: float) -> None:
        """Forget what is too old at ``now_s``."""
        before_ms = round((now_s - self._days * DAY_S) * 1000)
        async for old in self._store.conversations_before(before_ms):
            await self._delete(old, round(now_s * 1000))
        while messages := await self._store.bare_messages_before(before_ms):
            removed = Removed()
            await self._log.delete_events({seq for m in messages for seq in m.log_seqs}, removed)
            for reply_id in {message.reply_id for message in messages}:
                await self._log.purge_reply(reply_id, removed)
            await self._store.forget_messages(messages)
            log.info("completions_forgotten", messages=len(messages), **asdict(removed))
        await self._store.forget_set_aside(before_ms)

    async def _delete(self, old: OldConversation, at_ms: int) -> None:
        event = ConversationDeleted(
            conversation_id=old.conversation_id,
            user_id=old.user_id,
            at_ms=at_ms,
            reason="retention",
        )
        headers: dict[str, Any] = {"Nats-Msg-Id": f"deleted:{old.user_id}:{old.conversation_id}"}
        broker = await self._connect()
        try:
            await broker.jetstream().publish(
                subjects.conversation(old.user_id),
                encode_event(event),
                stream=CHAT,
                headers=headers,
            )
        except (NatsError, APIError, TimeoutError) as error:
            raise LogUnavailable("a deletion was not stored") from error
        log.info("conversation_expired", conversation_id=old.conversation_id)
