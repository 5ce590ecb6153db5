"""Keep events that a consumer could not take, each with its bytes and the reason."""

import base64
import time
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from analytics.place import Place
from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from analytics.temporary import says_temporary, without_words
from schemas.documents import QUARANTINE, QUARANTINE_DATABASE, QuarantineDocument
from schemas.subjects import user_of

# Why a consumer sets an event aside; by these it is counted.
Reason = Literal["unreadable", "unknown_version", "not_storable", "refused", "failed"]
_LISTED = 1_000


class Trouble(NamedTuple):
    """Why an event was set aside: a word to count by, and a sentence."""

    reason: Reason | Literal["unknown_consumer"]
    detail: str


class QuarantineStore(Protocol):
    """Where set-aside events are; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def add(self, place: Place, payload: bytes, trouble: Trouble, conversation: str) -> None:
        """Keep an event; one that is there gets the new reason."""


class MongoQuarantineStore:
    """The quarantine in MongoDB, in a database of its own: the others may be what is broken."""

    def __init__(self, store: Store) -> None:
        self._events: Collection = store[QUARANTINE_DATABASE][QUARANTINE]

    async def prepare(self) -> None:
        """Make the index by which an erasure finds a user's."""
        async with store_errors():
            await ensure_indexes(self._events, (["user_id"],))

    async def add(self, place: Place, payload: bytes, trouble: Trouble, conversation: str) -> None:
        """Keep an event; one that is there gets the new reason.

        Of a temporary one nothing is kept that was said in it.
        """
        if says_temporary(payload):
            payload = without_words(payload) or b""
        document = QuarantineDocument(
            _id=f"{place.consumer}.{place.stream_sequence}",
            consumer=place.consumer,
            sequence=place.stream_sequence,
            subject=place.subject,
            user_id=user_of(place.subject),
            conversation_id=conversation,
            reason=trouble.reason,
            detail=trouble.detail,
            payload=base64.b64encode(payload).decode(),
            set_aside_at_ms=time.time_ns() // 1_000_000,
        )
        async with store_errors():
            await self._events.replace_one({"_id": document["_id"]}, {**document}, upsert=True)

    async def entries(self, ids: Sequence[str] = ()) -> list[QuarantineDocument]:
        """Return set-aside events, at most 1,000, in the order of the log; ``ids``: only those."""
        wanted = {"_id": {"$in": list(ids)}} if ids else {}
        async with store_errors():
            rows = await self._events.find(wanted).sort("sequence", 1).limit(_LISTED).to_list()
        return [QuarantineDocument(**row) for row in rows]  # type: ignore[typeddict-item]

    async def remove(self, entry_id: str) -> None:
        """Forget an event that was taken after all, or that nobody wants."""
        async with store_errors():
            await self._events.delete_one({"_id": entry_id})


def payload_of(entry: QuarantineDocument) -> bytes:
    """Return a set-aside event's bytes as they were published."""
    return base64.b64decode(entry["payload"])


def place_of_entry(entry: QuarantineDocument) -> Place:
    """Return where a set-aside event stands in the log."""
    return Place(entry["consumer"], int(entry["sequence"]), entry["subject"])
