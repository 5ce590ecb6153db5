"""What one reader saw of one reply, and the rules that a stream of events must keep.

A reader knows nothing but what the gateway sends. It looks into the cursors, which are opaque to
clients, only to see that they rise.
"""

import time
from itertools import pairwise
from typing import Any

import orjson


class Reading:
    """The events of one reply from ``after`` on, over as many connections as it took."""

    def __init__(self, reply_id: str, after: str | None = None) -> None:
        self.reply_id = reply_id
        self.cursor = after
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.arrivals: list[float] = []
        # Those that took over; the first one is not told.
        self.attempts: list[int] = []
        self.done: dict[str, Any] | None = None
        self.connections = 0
        self.complaints: list[str] = []
        self._sequence = _sequence_of(after) if after else 0
        self._rest = b""

    @property
    def text(self) -> str:
        """The text that the reader has on its screen."""
        return "".join(self.texts)

    def connected(self) -> None:
        """Begin a connection: what the last one left unfinished is worth nothing."""
        self.connections += 1
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take bytes of the response's body, cut anywhere."""
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            self._take(event)

    def pauses_s(self, start: float, end: float) -> list[float]:
        """Return the gaps between deltas that overlap a span of time."""
        times = self.arrivals
        return [
            later - earlier
            for earlier, later in pairwise(times)
            if later >= start and earlier <= end
        ]

    def longest_pause_s(self) -> float:
        """Return the longest gap between two deltas; 0 if there were fewer."""
        return max(self.pauses_s(0.0, float("inf")), default=0.0)

    def _take(self, event: bytes) -> None:
        if event.startswith(b":"):
            return
        lines = (line.partition(b": ") for line in event.split(b"\n"))
        fields = {name: value for name, _, value in lines}
        name, event_id = fields.get(b"event"), fields.get(b"id", b"").decode()
        if name == b"queue":
            return
        if self.done is not None:
            self.complaints.append(f"an event after the end: {event[:200]!r}")
        if name == b"caught_up":
            return
        data = orjson.loads(fields[b"data"])
        self._advance(event_id, data)
        if name == b"attempt":
            self.attempts.append(data["attempt"])
        elif data["done"]:
            self.done = data
        else:
            self.arrivals.append(time.perf_counter())
            self.texts.append(data["delta"])
            self.ids.append(event_id)

    def _advance(self, event_id: str, data: dict[str, Any]) -> None:
        """Go on to an event's cursor. Only an end that is not in the log may lack one."""
        if not event_id:
            if not data.get("done"):
                self.complaints.append(f"an event without a cursor: {data}")
            return
        sequence = _sequence_of(event_id)
        if sequence <= self._sequence:
            self.complaints.append(f"cursor {event_id} after {self.cursor}")
        self._sequence, self.cursor = sequence, event_id


def _sequence_of(cursor: str) -> int:
    return int(cursor.split(".")[1])
