"""Tell a reply's worker that it was cancelled, and hear when the engine slot is free.

The notice is a courtesy that saves time: what counts is the register. The worker that runs the
reply answers with ``SlotFreed``, any other stays silent, and a paused one does too.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.notice import decode_slot_freed

_NO_RESPONDERS = "503"

log = structlog.get_logger(__name__)


class SlotNotice:
    """One canceller's notice about one reply, with an inbox for the answers.

    ``freed_by`` are the workers that said their slot is free; ``unheard`` while the broker says
    that no worker listens at all. ``is_alive`` tells whether a worker was heard lately: then it has
    only lost the broker for a moment, and its engine may run.
    """

    def __init__(self, client: Client, reply_id: str, is_alive: Callable[[str], bool]) -> None:
        self._client = client
        self._reply_id = reply_id
        self._is_alive = is_alive
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._news = asyncio.Event()
        self.freed_by: set[str] = set()
        self.unheard = False

    @property
    def sent(self) -> bool:
        """Whether anybody was told."""
        return self._subscription is not None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._subscription is not None:
            with suppress(NatsError):
                await self._subscription.unsubscribe()

    async def send(self, sequence: int) -> None:
        """Say that the register has reached ``sequence``; raises ``LogUnavailable``."""
        try:
            if self._subscription is None:
                self._subscription = await self._client.subscribe(self._inbox, cb=self._hear)
            self.unheard = False
            subject = subjects.control(self._reply_id)
            await self._client.publish(subject, str(sequence).encode(), reply=self._inbox)
        except NatsError as error:
            raise LogUnavailable from error

    async def freed(self, holder: str | None, wait_s: float) -> bool:
        """Tell whether the slot is free, waiting for the next answer; call it again if not.

        ``holder`` is the worker that held it, if that is known: an answer of another one, which
        was about to take over, says nothing about the slot.
        """
        if not self._is_freed(holder):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait_s)
            self._news.clear()
        return self._is_freed(holder)

    def _is_freed(self, holder: str | None) -> bool:
        if self.unheard and (holder is None or not self._is_alive(holder)):
            return True
        return bool(self.freed_by) if holder is None else holder in self.freed_by

    async def _hear(self, message: Msg) -> None:
        if (message.headers or {}).get("Status") == _NO_RESPONDERS:
            self.unheard = True
        else:
            try:
                self.freed_by.add(decode_slot_freed(message.data).worker)
            except msgspec.DecodeError:
                log.warning("slot_answer_unreadable", reply_id=self._reply_id)
        self._news.set()
