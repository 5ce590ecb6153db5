"""Count what a worker does. Labels are bounded: statuses and codes, never ids.

Nothing is counted on the way of a token: what runs is looked at once a second, with the beacon.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.beacon import Beacon
from schemas.events import ReplyFinished

# From a few milliseconds to the longest that a reply may take to begin.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)


class WorkerMetrics:
    """The worker's counters; names begin with ``rivulet_worker_``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._replies = Counter(
            "rivulet_worker_replies",
            "Replies whose end this worker reported, by how they ended",
            ("status", "error"),
            registry=registry,
        )
        self._taken_over = Counter(
            "rivulet_worker_replies_taken_over",
            "Replies reported here that took more than one attempt",
            registry=registry,
        )
        self._tokens = Counter(
            "rivulet_worker_tokens", "Tokens made by this worker", registry=registry
        )
        self._queue_s = _seconds(
            "queue", "From a prompt's acceptance to its first attempt", registry
        )
        self._first_token_s = _seconds(
            "first_token", "From a prompt's acceptance to the first token", registry
        )
        self._reply_s = _seconds("reply", "From a prompt's acceptance to the end", registry)
        self._slots = Gauge(
            "rivulet_worker_slots", "Replies that may run at once", registry=registry
        )
        self._running = Gauge("rivulet_worker_running", "Replies that run", registry=registry)
        self._draining = Gauge(
            "rivulet_worker_draining", "1 while the worker takes no more prompts", registry=registry
        )
        self._tokens_made = 0

    def reply_ended(self, event: ReplyFinished) -> None:
        """Count a reply whose end was reported here."""
        self._replies.labels(event.status, event.error.code if event.error else "").inc()
        if event.attempts > 1:
            self._taken_over.inc()
        timings = event.timings
        self._queue_s.observe(timings.queue_ms / 1000)
        if timings.first_token_ms is not None:
            self._first_token_s.observe(timings.first_token_ms / 1000)
        self._reply_s.observe(timings.total_ms / 1000)

    def seen(self, beacon: Beacon, tokens_made: int) -> None:
        """Note what the worker says of itself, and its tokens since the start."""
        self._slots.set(beacon.slots)
        self._running.set(beacon.slots - beacon.free)
        self._draining.set(int(beacon.draining))
        self._tokens.inc(max(0, tokens_made - self._tokens_made))
        self._tokens_made = max(tokens_made, self._tokens_made)


def _seconds(what: str, description: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(
        f"rivulet_worker_{what}_seconds", description, buckets=_SECONDS, registry=registry
    )
