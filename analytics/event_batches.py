"""FastStream's middleware through which batches of events go: each event is handled by itself.

FastStream's own work is done once a batch then. Done for each event it took twice the CPU that
their handling takes (``docs/adr/0016-events-in-batches.md``).
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from faststream import BaseMiddleware, ContextRepo
from nats.aio.msg import Msg

from analytics.event_delivery import EventDelivery
from analytics.event_traces import TracedEvents
from schemas.events import Event

log = structlog.get_logger(__name__)


class EventBatches:
    """FastStream middleware for all consumers of one process.

    ``handled`` counts the events that are no longer in hand, whatever became of them.
    """

    def __init__(self, delivery: EventDelivery, traced: TracedEvents | None) -> None:
        self.delivery = delivery
        self.traced = traced
        self.handled = 0

    def __call__(self, messages: Any, /, *, context: ContextRepo) -> "_Batch":
        """Return the middleware of one batch; FastStream calls this."""
        return _Batch(messages, context=context, shared=self)


class _Batch(BaseMiddleware[Any, Any]):
    def __init__(self, messages: Any, *, context: ContextRepo, shared: EventBatches) -> None:
        super().__init__(messages, context=context)
        self._shared = shared

    async def consume_scope(self, call_next: Any, message: Any) -> None:
        """Handle the events of a batch side by side, each to its end."""
        messages: Sequence[Msg] = message.raw_message
        events = await message.decode()
        async with asyncio.TaskGroup() as tasks:
            for one, event in zip(messages, events, strict=True):
                tasks.create_task(self._handle(call_next, one, event))

    async def _handle(self, call_next: Any, message: Msg, event: Event | Exception) -> None:
        async def apply(event: Event) -> None:
            await call_next(_Decoded(event))

        async def deliver() -> None:
            await self._shared.delivery.deliver(message, event, apply)

        try:
            if self._shared.traced is None:
                await deliver()
            else:
                await self._shared.traced.trace(message, self.context, deliver)
        # It comes again by itself, and must not take the others of its batch along.
        except Exception:
            log.exception("event_left_to_come_again")
        finally:
            self._shared.handled += 1


class _Decoded:
    """All that FastStream's call of a handler asks of a message."""

    def __init__(self, event: Event) -> None:
        self._event = event

    async def decode(self) -> Event:
        return self._event
