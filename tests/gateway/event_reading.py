"""Read server-sent events as a client does."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
import orjson


class Event(NamedTuple):
    """One event; ``name`` is ``message`` where the server gives none."""

    name: str
    event_id: str | None
    data: Any


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """Yield the events of a response; comments are left out."""
    name, event_id, data = "message", None, ""
    async for line in response.aiter_lines():
        if line == "":
            if data:
                yield Event(name, event_id, data if data == "[DONE]" else orjson.loads(data))
            name, event_id, data = "message", None, ""
            continue
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "id":
            event_id = value
        elif field == "data":
            data = value


async def read_reply(
    http: httpx.AsyncClient, reply_id: str, after: str | None = None
) -> list[Event]:
    """Return every event of a reply from a cursor on."""
    headers = {} if after is None else {"Last-Event-ID": after}
    async with http.stream("GET", f"/api/replies/{reply_id}/events", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        return [event async for event in events_of(response)]


def text_of(events: list[Event]) -> str:
    """Return the text that the events add."""
    return "".join(event.data["delta"] for event in events if event.name == "message")
