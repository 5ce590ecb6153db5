"""Publish many events fast, and look at an archive's rows."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from nats.aio.client import Client

from analytics.archive.folder import ArchiveFolder
from schemas import subjects
from schemas.events import (
    ConversationEvent,
    Event,
    PromptDied,
    PromptSubmitted,
    ReplyFinished,
    UserErased,
    encode_event,
)
from schemas.streams import CHAT


def subject_of(event: Event) -> str:
    """Return where gateway and workers publish an event."""
    if isinstance(event, PromptSubmitted):
        lane = subjects.lane_of(event.conversation_id or "")
        return subjects.prompt(event.user_id, event.model, lane)
    if isinstance(event, ReplyFinished):
        return subjects.finished(event.user_id, event.model)
    if isinstance(event, UserErased):
        return subjects.erased_user(event.user_id)
    if isinstance(event, PromptDied):
        return subjects.dead_letter(event.prompt.user_id, event.prompt.model)
    assert isinstance(event, ConversationEvent)
    return subjects.conversation(event.user_id)


async def publish_all(broker: Client, *events: Event) -> int:
    """Publish events, acknowledged in batches; return the last sequence."""
    jetstream = broker.jetstream()
    sequence = 0
    for number, event in enumerate(events, 1):
        subject, payload = subject_of(event), encode_event(event)
        if number % 200 and number < len(events):
            await broker.publish(subject, payload)
        else:
            sequence = (await jetstream.publish(subject, payload, stream=CHAT)).seq
    return sequence


def rows_in(folder: Path, *columns: str) -> list[dict[str, Any]]:
    """Return all rows of an archive as a query sees them: whatever files there are."""
    paths = sorted(folder.glob("day=*/event=*/*.parquet"))
    wanted = list(columns) or None
    tables = [pq.ParquetFile(path).read(columns=wanted) for path in paths]
    rows = [row for table in tables for row in table.to_pylist()]
    return sorted(rows, key=lambda row: int(row["seq"]))


def sequences_in(folder: Path) -> list[int]:
    return [row["seq"] for row in rows_in(folder, "seq")]


def archived_to(folder: Path) -> int:
    ranges = ArchiveFolder(folder).ranges()
    return ranges[-1][1] if ranges else 0
