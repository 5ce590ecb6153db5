"""Count what the consumers do and serve it on a loopback port.

FastStream's middleware counts messages and times handlers; ``EventCounters`` is what it cannot
know.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from faststream.message import StreamMessage
from faststream.nats.prometheus.provider import NatsMetricsSettingsProvider
from faststream.nats.response import NatsPublishCommand
from faststream.prometheus import ConsumeAttrs
from faststream.prometheus.middleware import PrometheusMiddleware
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry, Counter, start_http_server

from analytics.errors import MetricsPortTaken

MessageMetrics = PrometheusMiddleware[Msg | Sequence[Msg], NatsPublishCommand]


class _ByConsumer(NatsMetricsSettingsProvider):
    """Labels messages with their consumer.

    FastStream's own label is the subject, which has the user in it: a new time series for each
    user, and user ids in the metrics.
    """

    def get_consume_attrs_from_message(self, msg: StreamMessage[Msg]) -> ConsumeAttrs:
        """Return the labels and sizes of one message."""
        return {
            "destination_name": str(msg.raw_message.metadata.consumer),
            "message_size": len(msg.body),
            "messages_count": 1,
        }


def message_metrics(registry: CollectorRegistry) -> MessageMetrics:
    """Return FastStream's Prometheus middleware, labelled by consumer."""
    return PrometheusMiddleware(settings_provider_factory=_by_consumer, registry=registry)


def _by_consumer(_: Msg | Sequence[Msg] | None) -> Any:
    # Any: FastStream's types do not say that a handler of single messages never sees a batch.
    return _ByConsumer()


class EventCounters:
    """Events that took another way than straight into the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._dropped = Counter(
            "rivulet_events_dropped",
            "Events that can never be read or stored, of a consumer that keeps none",
            ("consumer", "reason"),
            registry=registry,
        )
        self._set_aside = Counter(
            "rivulet_analytics_events_set_aside",
            "Events that were put into the quarantine",
            ("consumer", "reason"),
            registry=registry,
        )
        self._retried = Counter(
            "rivulet_store_retries",
            "Writes that found no store and were tried again",
            ("consumer",),
            registry=registry,
        )

    def dropped(self, consumer: str, reason: str) -> None:
        """Count an event that was terminated."""
        self._dropped.labels(consumer, reason).inc()

    def set_aside(self, consumer: str, reason: str) -> None:
        """Count an event that was put into the quarantine."""
        self._set_aside.labels(consumer, reason).inc()

    def retried(self, consumer: str) -> None:
        """Count a write that will be tried again."""
        self._retried.labels(consumer).inc()


@contextmanager
def served(registry: CollectorRegistry, port: int | None) -> Iterator[None]:
    """Serve ``/metrics`` on the loopback port while the block runs; ``None`` serves nothing."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise MetricsPortTaken(
            f"RIVULET_ANALYTICS_METRICS_PORT={port} cannot be used ({error.strerror}): "
            "choose another port or unset it"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
