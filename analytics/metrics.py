"""Count what the consumers do. Labels are bounded: consumers and reasons, never ids.

FastStream's middleware counts messages and times batches; ``EventCounters`` is what it cannot
know.
"""

import time
from collections.abc import Sequence
from typing import Any

from faststream.message import StreamMessage
from faststream.nats.prometheus.provider import BatchNatsMetricsSettingsProvider
from faststream.nats.response import NatsPublishCommand
from faststream.prometheus import ConsumeAttrs
from faststream.prometheus.middleware import PrometheusMiddleware
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_PREFIX = "rivulet_analytics"
# From what a reader does not notice to a consumer that was away for a while.
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600)

MessageMetrics = PrometheusMiddleware[Msg | Sequence[Msg], NatsPublishCommand]


class _ByConsumer(BatchNatsMetricsSettingsProvider):
    """Labels messages with their consumer.

    FastStream's own label is the subject, which has the user in it: a new time series for each
    user, and user ids in the metrics.
    """

    def get_consume_attrs_from_message(self, msg: StreamMessage[list[Msg]]) -> ConsumeAttrs:
        """Return the label and the sizes of one batch."""
        messages = msg.raw_message
        return {
            "destination_name": str(messages[0].metadata.consumer),
            "message_size": sum(len(message.data) for message in messages),
            "messages_count": len(messages),
        }


def message_metrics(registry: CollectorRegistry) -> MessageMetrics:
    """Return FastStream's Prometheus middleware, labelled by consumer."""
    return PrometheusMiddleware(
        settings_provider_factory=_by_consumer,
        registry=registry,
        app_name="analytics",
        metrics_prefix=_PREFIX,
    )


def _by_consumer(_: Msg | Sequence[Msg] | None) -> Any:
    # Any: FastStream's types do not say that a handler of batches never sees a single message.
    return _ByConsumer()


class EventCounters:
    """Events that took another way than straight into the store.

    What is expected is shown as 0: of a count that is first seen as 1, Prometheus sees no increase.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._dropped = Counter(
            f"{_PREFIX}_events_dropped",
            "Events that can never be read or stored, of a consumer that keeps none",
            ("consumer", "reason"),
            registry=registry,
        )
        self._set_aside = Counter(
            f"{_PREFIX}_events_set_aside",
            "Events that were put into the quarantine",
            ("consumer", "reason"),
            registry=registry,
        )
        self._retried = Counter(
            f"{_PREFIX}_store_retries",
            "Writes that found no store and were tried again",
            ("consumer",),
            registry=registry,
        )
        self._lag_s = Histogram(
            f"{_PREFIX}_event_lag_seconds",
            "From an event's storing in the log to its acknowledgement",
            ("consumer",),
            buckets=_SECONDS,
            registry=registry,
        )

    def expect_dropped(self, consumer: str, reason: str) -> None:
        """Show that none was terminated yet."""
        self._dropped.labels(consumer, reason)

    def expect_set_aside(self, consumer: str, reason: str) -> None:
        """Show that none was put into the quarantine yet."""
        self._set_aside.labels(consumer, reason)

    def expect_retries(self, consumer: str) -> None:
        """Show that no write was tried again yet."""
        self._retried.labels(consumer)

    def stored(self, consumer: str, lag_s: float) -> None:
        """Count an event that was acknowledged so long after the log had it."""
        self._lag_s.labels(consumer).observe(max(0.0, lag_s))

    def dropped(self, consumer: str, reason: str) -> None:
        """Count an event that was terminated."""
        self._dropped.labels(consumer, reason).inc()

    def set_aside(self, consumer: str, reason: str) -> None:
        """Count an event that was put into the quarantine."""
        self._set_aside.labels(consumer, reason).inc()

    def retried(self, consumer: str) -> None:
        """Count a write that will be tried again."""
        self._retried.labels(consumer).inc()


class RollupCounters:
    """Roll-ups of usage that could not be made."""

    def __init__(self, registry: CollectorRegistry | None) -> None:
        self._failed = Counter(
            f"{_PREFIX}_rollups_failed",
            "Roll-ups that the store did not take, each time that they were tried",
            registry=registry,
        )

    def failed(self) -> None:
        """Count a roll-up that will be tried again."""
        self._failed.inc()


class ArchiveMetrics:
    """How the archive does: each event is to be in it ``every_s`` after the log had it."""

    def __init__(self, registry: CollectorRegistry | None, every_s: float) -> None:
        self._every_s = every_s
        self._oldest_ms: int | None = None
        self._failures = Counter(
            f"{_PREFIX}_archive_failures",
            "Times that the archive could not be opened or written",
            registry=registry,
        )
        Gauge(
            f"{_PREFIX}_archive_overdue_seconds",
            "By how much the oldest event that is gathered is later than it should be",
            registry=registry,
        ).set_function(self._overdue_s)

    def failed(self) -> None:
        """Count an attempt that will be repeated."""
        self._failures.inc()

    def gathered(self, oldest_ms: int | None) -> None:
        """Note when the log had the oldest event that is not archived; ``None``: there is none."""
        self._oldest_ms = oldest_ms

    def _overdue_s(self) -> float:
        if self._oldest_ms is None:
            return 0.0
        return max(0.0, time.time() - self._oldest_ms / 1000 - self._every_s)


class ConsumerGauges:
    """How far each consumer is behind, as the broker says it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._pending = Gauge(
            f"{_PREFIX}_consumer_pending",
            "Events that were not handed to any process yet",
            ("consumer",),
            registry=registry,
        )
        self._in_hand = Gauge(
            f"{_PREFIX}_consumer_in_hand",
            "Events that a process has and has not acknowledged",
            ("consumer",),
            registry=registry,
        )

    def seen(self, info: ConsumerInfo) -> None:
        """Note what the broker says of a consumer."""
        self._pending.labels(info.name).set(info.num_pending or 0)
        self._in_hand.labels(info.name).set(info.num_ack_pending or 0)
