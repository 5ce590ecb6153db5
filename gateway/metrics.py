"""Count what the gateway does. Labels are bounded: routes and codes, never ids.

``RelayMeter`` and ``GatewayMetrics`` need no knowledge of how many processes there are; with
several, prometheus_client keeps the values in files that ``metrics_endpoint`` merges.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.socket.metrics import SocketMetrics

# From a few milliseconds to the longest a client usually waits.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class GatewayMetrics:
    """The gateway's counters; names begin with ``rivulet_gateway_``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sockets = SocketMetrics(registry)
        self._requests = Counter(
            "rivulet_gateway_requests",
            "Requests answered",
            ("route", "method", "status"),
            registry=registry,
        )
        self._head_s = Histogram(
            "rivulet_gateway_response_head_seconds",
            "Time from a request to the head of its response",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._streams = Gauge(
            "rivulet_gateway_open_streams",
            "Event streams that are open",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._feeds = Gauge(
            "rivulet_gateway_open_feeds",
            "Feeds that tell a user's devices of each other",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._frames = Counter(
            "rivulet_gateway_frames_relayed", "Frames passed on to readers", registry=registry
        )
        self._prompts = Counter(
            "rivulet_gateway_prompts_accepted", "Prompts published", ("client",), registry=registry
        )
        self._replies = Counter(
            "rivulet_gateway_replies_read",
            "Replies read to their end, by how they ended",
            ("status",),
            registry=registry,
        )
        self._cancelled = Counter(
            "rivulet_gateway_replies_cancelled",
            "Replies cancelled, by what: a request, or a client that hung up",
            ("by",),
            registry=registry,
        )
        self._log_reads = Counter(
            "rivulet_gateway_catch_up_reads",
            "Reads of the log, by what made them necessary",
            ("reason",),
            registry=registry,
        )
        self._bad_frames = Counter(
            "rivulet_gateway_bad_frames", "Frames that do not parse", registry=registry
        )
        self._unreadable = Counter(
            "rivulet_gateway_unreadable_replies",
            "Readers that were told that a reply cannot be read to its end",
            registry=registry,
        )
        self._refused = Counter(
            "rivulet_gateway_prompts_refused",
            "Prompts refused because a limit was reached",
            ("code",),
            registry=registry,
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; ``seconds`` is the time to its head."""
        self._requests.labels(route, method, str(status)).inc()
        self._head_s.labels(route).observe(seconds)

    def stream_opened(self) -> None:
        """Count an open event stream."""
        self._streams.inc()

    def stream_closed(self) -> None:
        """Count an event stream that is over."""
        self._streams.dec()

    def feed_opened(self) -> None:
        """Count an open feed."""
        self._feeds.inc()

    def feed_closed(self) -> None:
        """Count a feed that is over."""
        self._feeds.dec()

    def prompt_accepted(self, client: str) -> None:
        """Count a published prompt."""
        self._prompts.labels(client).inc()

    def reply_read(self, status: str) -> None:
        """Count a reply that was read to its end."""
        self._replies.labels(status).inc()

    def reply_cancelled(self, by: str) -> None:
        """Count a reply that was cancelled here: by a ``request`` or a ``hang_up``."""
        self._cancelled.labels(by).inc()

    def relayed(self, frames: int) -> None:
        """Count frames that were passed on."""
        self._frames.inc(frames)

    def caught_up(self, reason: str) -> None:
        """Count a read of the log."""
        self._log_reads.labels(reason).inc()

    def bad_frame(self) -> None:
        """Count a frame that does not parse."""
        self._bad_frames.inc()

    def unreadable(self) -> None:
        """Count a reader of a reply that can never end."""
        self._unreadable.inc()

    def prompt_refused(self, code: str) -> None:
        """Count a prompt that was refused because a limit was reached."""
        self._refused.labels(code).inc()
