"""Publish deltas as fast as the broker stores them, and coalesce only when it falls behind.

A delta is a core publish; every 16th carries a reply inbox and is acknowledged by the stream, and
at most 32 such acknowledgements are outstanding, so that a burst cannot overrun the broker's
ingest queue (it drops silently above it). While the window is full a reply's tokens gather and go
out as one frame when it opens. Numbers and their measurements: ``docs/flow.md``.
"""

import asyncio
import itertools
from collections.abc import Callable
from typing import Protocol

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas import subjects
from schemas.frames import encode_frame
from schemas.nats_client import NatsClient
from workers.draft import Draft

# Acknowledging every one would cost three times the CPU; every 16th costs a fifth more than none.
ACK_EVERY = 16
MAX_OUTSTANDING = 32
# The broker stores a frame in well under a millisecond: after this the ack is lost.
ACK_TIMEOUT_S = 2.0
_SWEEP_S = 0.5

log = structlog.get_logger(__name__)


class Publishing(Protocol):
    """A reply whose deltas are published here."""

    reply_id: str
    draft: Draft


class DeltaPublisher:
    """One per broker connection. ``on_doubt`` is called when frames may have been lost."""

    def __init__(self, broker: NatsClient, on_doubt: Callable[[str], None]) -> None:
        self._broker = broker
        self._on_doubt = on_doubt
        self._inbox = broker.new_inbox()
        self._numbers = itertools.count()
        self._outstanding: dict[str, float] = {}
        self._since_ack = 0
        self._waiting: dict[str, Publishing] = {}
        self._clock = asyncio.get_running_loop().time

    async def start(self) -> None:
        """Listen for acknowledgements."""
        await self._broker.subscribe(f"{self._inbox}.*", cb=self._acknowledged)

    def offer(self, reply: Publishing) -> None:
        """Publish what the reply has not sent yet, now or as soon as the window opens."""
        if not reply.draft.has_unsent:
            return
        if self._is_full():
            self._waiting[reply.reply_id] = reply
        else:
            self._publish(reply)

    def forget(self, reply_id: str) -> None:
        """Drop a reply that waits for the window; what it has not sent stays with it."""
        self._waiting.pop(reply_id, None)

    async def watch_acknowledgements(self) -> None:
        """Notice lost acknowledgements; runs until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            oldest = next(iter(self._outstanding.values()), None)
            if oldest is not None and self._clock() - oldest > ACK_TIMEOUT_S:
                self.reset("an acknowledgement is missing")

    def reset(self, reason: str) -> None:
        """Forget outstanding acknowledgements, put every reply in doubt, and go on."""
        self._outstanding.clear()
        self._since_ack = 0
        self._on_doubt(reason)
        self._serve_waiting()

    def _is_full(self) -> bool:
        return len(self._outstanding) >= MAX_OUTSTANDING or not self._broker.is_connected

    def _publish(self, reply: Publishing) -> None:
        frame = encode_frame(reply.draft.take_unsent())
        try:
            self._broker.publish_now(
                subjects.REPLY_PREFIX + reply.reply_id, frame, self._next_inbox()
            )
        except NatsError as error:
            log.warning("delta_not_published", reply_id=reply.reply_id, error=repr(error))
            self._on_doubt("a publish failed")

    def _next_inbox(self) -> str:
        self._since_ack += 1
        if self._since_ack < ACK_EVERY:
            return ""
        self._since_ack = 0
        inbox = f"{self._inbox}.{next(self._numbers)}"
        self._outstanding[inbox] = self._clock()
        return inbox

    async def _acknowledged(self, message: Msg) -> None:
        self._outstanding.pop(message.subject, None)
        if b'"error"' in message.data:
            log.error("delta_refused", answer=message.data.decode(errors="replace"))
            self._on_doubt("the broker refused a frame")
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        while self._waiting and not self._is_full():
            reply = self._waiting.pop(next(iter(self._waiting)))
            if reply.draft.has_unsent:
                self._publish(reply)
