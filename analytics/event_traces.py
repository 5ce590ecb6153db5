"""Trace events with FastStream's OpenTelemetry middleware, under names without a user in them."""

from collections.abc import Sequence
from typing import Any

from faststream.message import StreamMessage
from nats.aio.msg import Msg

from schemas.tracing import tracer_provider


def event_traces() -> list[Any]:
    """Return the middleware, or nothing where traces are off."""
    provider = tracer_provider()
    if provider is None:
        return []
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

    return [TelemetryMiddleware(settings_provider_factory=settings_of, tracer_provider=provider)]
