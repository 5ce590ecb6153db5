"""Encode server-sent events. Pure.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from gateway.queue_place import QueuePlace

KEEP_ALIVE = b": keep-alive\n\n"
# Proxies and browsers close connections that are silent for 30 to 60 s.
KEEP_ALIVE_S = 15.0
CONTENT_TYPE = "text/event-stream; charset=utf-8"
# The last one keeps nginx from collecting events before it sends them.
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def queue_comment(place: QueuePlace) -> bytes:
    """Return a place in the queue as a comment, for clients that know no such event."""
    eta = "" if place.eta_s is None else f" {round(place.eta_s)}s"
    return f": queue {place.position}{eta}\n\n".encode()


def event(data: bytes, *, name: str | None = None, event_id: str | None = None) -> bytes:
    """Return one event; ``data`` is JSON on one line."""
    head = b""
    if name is not None:
        head += b"event: %b\n" % name.encode()
    if event_id is not None:
        head += b"id: %b\n" % event_id.encode()
    return b"%bdata: %b\n\n" % (head, data)
