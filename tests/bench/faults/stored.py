"""What the stack has kept of a reply: its message, its usage and its ReplyFinished event."""

import asyncio
import time
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import pymongo

from schemas import documents, subjects
from schemas.broker import connect, disconnect
from schemas.direct_get import DirectGet, LogUnavailable
from schemas.ending import folded
from schemas.events import ReplyFinished, decode_event
from schemas.fold import FoldedReply
from schemas.reply_log import ReplyLog
from schemas.streams import CHAT
from tests.bench.faults.checker import Verdict, difference
from tests.bench.faults.reading import Reading

# The consumers follow the log within milliseconds; after a broker restart they take some seconds.
_DEADLINE_S = 60.0
_POLL_S = 0.2
_BATCH = 256


class StoredReply(NamedTuple):
    """One reply as it was kept; ``finished`` is the first event of its end."""

    message: dict[str, Any]
    usage: dict[str, Any]
    finished: ReplyFinished
    log: FoldedReply


class Stored(NamedTuple):
    """The replies that were kept completely, and those of which something is missing."""

    replies: dict[str, StoredReply]
    missing: set[str]


async def read_stored(broker_url: str, store_url: str, reply_ids: Collection[str]) -> Stored:
    """Return what was kept of the replies, waiting until nothing is missing."""
    broker = await connect(broker_url, "fault-run-checker")
    try:
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            stored = await _read(broker, store_url, set(reply_ids))
            if not stored.missing or time.monotonic() > deadline:
                return stored
            await asyncio.sleep(_POLL_S)
    finally:
        await disconnect(broker)


def compare(reading: Reading, verdict: Verdict, kept: StoredReply) -> tuple[int, list[str]]:
    """Return how many tokens are counted too often, and what else disagrees with the reader."""
    assert reading.done is not None
    seen = (reading.done["status"], reading.text)
    end = kept.log.end
    texts = {
        "the stored message": (kept.message["status"], kept.message["content"]),
        "ReplyFinished": (kept.finished.status, kept.finished.text),
        "the log": (end.status if end is not None else None, kept.log.text),
    }
    complaints = [
        f"{what} is {status}, lacks {(diff := difference(seen[1], text))[0]} words and has "
        f"{diff[1]} too many; the reader saw {seen[0]}"
        for what, (status, text) in texts.items()
        if (status, text) != seen
    ]
    counted = kept.usage["completion_tokens"]
    if counted < verdict.tokens:
        complaints.append(f"usage counts {counted} of {verdict.tokens} tokens")
    if kept.finished.usage.completion_tokens != counted:
        complaints.append(f"usage counts {counted}, ReplyFinished {kept.finished.usage}")
    if kept.usage["status"] != seen[0]:
        complaints.append(f"usage says {kept.usage['status']}, the reader saw {seen[0]}")
    if reading.attempts and not kept.usage["attempts"] >= reading.attempts[-1]:
        complaints.append(f"usage says {kept.usage['attempts']} of {reading.attempts} attempts")
    return max(0, counted - verdict.tokens), complaints


async def _read(broker: Any, store_url: str, reply_ids: set[str]) -> Stored:
    messages, usage = await asyncio.to_thread(_documents, store_url)
    try:
        finished = await _finished_events(await DirectGet.open(broker))
        log = await ReplyLog.open(broker)
        whole = reply_ids & messages.keys() & usage.keys() & finished.keys()
        replies = {
            id_: StoredReply(messages[id_], usage[id_], finished[id_], folded(await log.read(id_)))
            for id_ in whole
        }
    except LogUnavailable:
        return Stored({}, reply_ids)
    return Stored(replies, reply_ids - whole)


def _documents(url: str) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the finished answers and the usage documents, by reply id."""
    with pymongo.MongoClient[dict[str, Any]](url) as store:
        answers = store[documents.CHAT_DATABASE][documents.MESSAGES].find({"role": "assistant"})
        messages = {row["reply_id"]: row for row in answers if row["status"] != "pending"}
        rows = store[documents.USAGE_DATABASE][documents.USAGE].find({})
        return messages, {row["_id"]: row for row in rows}


async def _finished_events(direct_get: DirectGet) -> dict[str, ReplyFinished]:
    """Return the first ReplyFinished of every reply."""
    events: dict[str, ReplyFinished] = {}
    after, pending = 0, 1
    while pending:
        request = {"seq": after + 1, "next_by_subj": subjects.ALL_FINISHED, "batch": _BATCH}
        messages, pending = await direct_get.read(CHAT, request)
        for sequence, event in _decoded(messages):
            after = sequence
            if isinstance(event, ReplyFinished):
                events.setdefault(event.reply_id, event)
        if not messages:
            break
    return events


def _decoded(messages: list[Any]) -> Iterator[tuple[int, object]]:
    for message in messages:
        yield int(message.headers["Nats-Sequence"]), decode_event(message.data)
