"""Read the log of facts about one subject, from a moment or a sequence on; needs no consumer."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from schemas.direct_get import DirectGet
from schemas.events import Event, decode_event
from schemas.streams import CHAT

_BATCH = 64
_BATCH_BYTES = 4 * 1024 * 1024
# The end of the year 9999, which is as far as a date goes; an id may claim to be made later.
_LATEST_MS = 253_402_300_799_000


class Fact(NamedTuple):
    """A message of CHAT; ``event`` is ``None`` when its bytes do not parse."""

    sequence: int
    stored_at_ms: int
    event: Event | None
    headers: Mapping[str, str]


async def facts_since(direct_get: DirectGet, subject: str, since_ms: int) -> AsyncIterator[Fact]:
    """Yield what was stored on a subject (wildcards too) since a moment; ``LogUnavailable``."""
    start = datetime.fromtimestamp(min(max(since_ms, 0), _LATEST_MS) / 1000, UTC)
    text = start.isoformat().replace("+00:00", "Z")
    async for fact in _facts(direct_get, subject, {"start_time": text}):
        yield fact


async def facts_after(direct_get: DirectGet, subject: str, sequence: int) -> AsyncIterator[Fact]:
    """Yield what was stored on a subject behind a sequence; raises ``LogUnavailable``."""
    async for fact in _facts(direct_get, subject, {"seq": sequence + 1}):
        yield fact


async def _facts(
    direct_get: DirectGet, subject: str, start: dict[str, object]
) -> AsyncIterator[Fact]:
    limits = {"batch": _BATCH, "max_bytes": _BATCH_BYTES}
    while True:
        messages, pending = await direct_get.read(
            CHAT, {**start, "next_by_subj": subject, **limits}
        )
        for message in messages:
            headers = message.headers or {}
            sequence = int(headers["Nats-Sequence"])
            stored_at = datetime.fromisoformat(headers["Nats-Time-Stamp"])
            stored_at_ms = int(stored_at.timestamp() * 1000)
            yield Fact(sequence, stored_at_ms, _event_or_none(message.data), headers)
            start = {"seq": sequence + 1}
        if not messages or not pending:
            return


def _event_or_none(data: bytes) -> Event | None:
    try:
        return decode_event(data)
    except (msgspec.DecodeError, RecursionError):
        return None
