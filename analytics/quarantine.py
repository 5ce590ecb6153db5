"""Try an event that was set aside once more, as its consumer would."""

from collections.abc import Awaitable, Callable, Mapping

from analytics.errors import NotStorable, StoreRefused, UnknownVersion, UnreadableEvent
from analytics.event_reading import read_event
from analytics.quarantine_store import (
    MongoQuarantineStore,
    Trouble,
    payload_of,
    place_of_entry,
)
from schemas.documents import QuarantineDocument
from schemas.events import Event

# Takes an event and its sequence; must be idempotent, as consumers are.
Handler = Callable[[Event, int], Awaitable[None]]


async def retry(
    store: MongoQuarantineStore, entry: QuarantineDocument, handlers: Mapping[str, Handler]
) -> Trouble | None:
    """Handle a set-aside event; return what is still wrong with it, ``None`` when it was taken.

    Raises ``StoreUnavailable`` or ``LogUnavailable``; the event stays set aside then.
    """
    payload, place = payload_of(entry), place_of_entry(entry)
    trouble = await _try(payload, place.stream_sequence, handlers.get(place.consumer))
    if trouble is None:
        await store.remove(entry["_id"])
    else:
        await store.add(place, payload, trouble, entry["conversation_id"])
    return trouble


async def _try(payload: bytes, sequence: int, handler: Handler | None) -> Trouble | None:
    if handler is None:
        return Trouble("unknown_consumer", "nobody here handles events of this consumer")
    try:
        await handler(read_event(payload), sequence)
    except UnknownVersion as error:
        return Trouble("unknown_version", str(error))
    except UnreadableEvent as error:
        return Trouble("unreadable", str(error))
    except NotStorable as error:
        return Trouble("not_storable", str(error))
    except StoreRefused as error:
        return Trouble("refused", str(error))
    return None
