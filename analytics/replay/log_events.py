"""Read the log of facts in large batches, the next one while the last is being handled."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from analytics.errors import LogUnavailable
from analytics.replay.stored_event import StoredEvent
from schemas.direct_get import Batch, DirectGet
from schemas.direct_get import LogUnavailable as ReadFailed
from schemas.streams import CHAT

# A request costs the broker a search for its beginning; two batches are in memory at once.
_BATCH = 2_000
_BATCH_BYTES = 4 * 1024 * 1024
# A broker that restarts is back within seconds.
_TRIES = 10
_AGAIN_AFTER_S = 1.0


class LogEvents:
    """The log over one connection."""

    def __init__(self, direct_get: DirectGet) -> None:
        self._direct_get = direct_get

    async def batches(
        self, subject: str, first: int, last: int
    ) -> AsyncIterator[list[StoredEvent]]:
        """Yield what the log holds on a subject in a range of sequences, none empty.

        Raises ``LogUnavailable`` when the broker stays away.
        """
        reading = asyncio.ensure_future(self._read(subject, first, last))
        try:
            while True:
                messages, pending = await reading
                events = [
                    StoredEvent(int(message.headers["Nats-Sequence"]), message.data)
                    for message in messages
                    if message.headers
                ]
                more = bool(events) and pending > 0 and events[-1].sequence < last
                if more:
                    reading = asyncio.ensure_future(
                        self._read(subject, events[-1].sequence + 1, last)
                    )
                if wanted := [event for event in events if event.sequence <= last]:
                    yield wanted
                if not more:
                    return
        finally:
            reading.cancel()

    async def first_since(self, at_ms: int) -> int | None:
        """Return the first sequence that was stored at a moment or later."""
        start = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
        batch = await self._ask({"start_time": start, "next_by_subj": "chat.>", "batch": 1})
        return int((batch.messages[0].headers or {})["Nats-Sequence"]) if batch.messages else None

    async def first_stored_ms(self, sequence: int) -> int | None:
        """Return when the first message from a sequence on was stored."""
        batch = await self._ask({"seq": sequence, "next_by_subj": "chat.>", "batch": 1})
        if not batch.messages:
            return None
        stored = datetime.fromisoformat((batch.messages[0].headers or {})["Nats-Time-Stamp"])
        return int(stored.timestamp() * 1000)

    async def _read(self, subject: str, first: int, last: int) -> Batch:
        # Not `up_to_seq`: the broker counts what is pending without it.
        limits = {"batch": min(_BATCH, last - first + 1), "max_bytes": _BATCH_BYTES}
        return await self._ask({"seq": first, "next_by_subj": subject, **limits})

    async def _ask(self, request: dict[str, Any]) -> Batch:
        for _ in range(_TRIES):
            try:
                return await self._direct_get.read(CHAT, request)
            except ReadFailed:
                await asyncio.sleep(_AGAIN_AFTER_S)
        raise LogUnavailable("the broker does not answer a read")
