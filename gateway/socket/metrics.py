"""Count what happens on sockets. Labels are bounded: types and codes, never ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class SocketMetrics:
    """The sockets' counters; names begin with ``rivulet_gateway_socket``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = Gauge(
            "rivulet_gateway_sockets_open",
            "WebSockets that are open",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.subscriptions = Gauge(
            "rivulet_gateway_socket_subscriptions",
            "Replies that are read over WebSockets",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._received = Counter(
            "rivulet_gateway_socket_messages_received",
            "Messages that clients sent, by type; `invalid` for those that are none",
            ("type",),
            registry=registry,
        )
        self._errors = Counter(
            "rivulet_gateway_socket_errors",
            "Messages that were answered with an error, by its code",
            ("code",),
            registry=registry,
        )

    def received(self, kind: str) -> None:
        """Count a message by its type."""
        self._received.labels(kind).inc()

    def refused(self, code: str) -> None:
        """Count an ``error``."""
        self._errors.labels(code).inc()
