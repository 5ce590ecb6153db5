"""Trace events with FastStream's OpenTelemetry middleware, under names without a user in them.

Of a batch the middleware makes one span, in a trace of its own; so it is given each event alone,
and its span goes on with the trace of the event's reply.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from faststream import ContextRepo
from faststream.message import StreamMessage
from faststream.nats import NatsMessage
from nats.aio.msg import Msg

from schemas.tracing import tracer_provider


class TracedEvents:
    """Makes a span of each event that is handled."""

    def __init__(self, middleware: Any) -> None:
        self._middleware = middleware

    async def trace(
        self, message: Msg, context: ContextRepo, work: Callable[[], Awaitable[None]]
    ) -> None:
        """Do the work of one event in its span."""

        async def call(_: Any) -> None:
            await work()

        event = NatsMessage(
            raw_message=message, body=message.data, headers=message.headers or {}, path={}
        )
        async with self._middleware(message, context=context) as span:
            await span.consume_scope(call, event)


def event_traces() -> TracedEvents | None:
    """Return what traces events, or ``None`` where traces are off."""
    provider = tracer_provider()
    if provider is None:
        return None
    # OpenTelemetry may not be installed where traces are off.
    from faststream.nats.opentelemetry.provider import (  # noqa: PLC0415
        NatsTelemetrySettingsProvider,
    )
    from faststream.opentelemetry.middleware import TelemetryMiddleware  # noqa: PLC0415

    class ByConsumer(NatsTelemetrySettingsProvider):
        """FastStream's own name of a span is the subject, which has the user in it."""

        def get_consume_destination_name(self, msg: StreamMessage[Msg]) -> str:
            return str(msg.raw_message.metadata.consumer)

    def settings_of(_: Msg | Sequence[Msg] | None) -> Any:
        return ByConsumer()

    return TracedEvents(
        TelemetryMiddleware(settings_provider_factory=settings_of, tracer_provider=provider)
    )
