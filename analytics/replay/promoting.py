"""Make a rebuilt projection the live one: the documents that differ are put in place.

The live consumer is paused meanwhile, and what it has not handled comes to it afterwards. Each
document is replaced in one step, so readers see the old one or the new one; a crash in between
leaves both kinds, and the same command finishes it. Why not a pointer: ADR 11.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError
from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import BulkWriteError

from analytics.errors import LogUnavailable, ReplayRefused, StoreRefused
from analytics.replay.comparing import Counts, Difference, compared, counted
from analytics.replay.erased import Erased
from analytics.replay.past_events import PastEvents
from analytics.replay.rebuild import Rebuild, RebuiltCollection
from analytics.replay.replay_store import ReplayState
from analytics.replay.replaying import Replay
from analytics.store_client import Document, Store, store_errors
from schemas.streams import CHAT

# A pause that nobody renews ends by itself, with whoever made it.
_PAUSE_S = 30.0
_RENEW_S = 10.0
# An event is in hand for as long as one request to the store may take.
_IN_HAND_S = 20.0
_POLL_S = 0.05
_AT_ONCE = 500

log = structlog.get_logger(__name__)


async def promote(
    replay: Replay,
    rebuild: Rebuild,
    state: ReplayState,
    past: PastEvents,
    store: Store,
    broker: Client,
    projection: str,
    *,
    remove: bool = False,
) -> dict[str, Counts]:
    """Put the rebuilt documents in the place of the live ones; return what had to be changed.

    Raises ``ReplayRefused`` for a part, when events stay in hand, and, unless it may ``remove``
    them, when there are live documents that the rebuild cannot account for.
    """
    if state.part:
        raise ReplayRefused(
            f"this rebuild is a part, from sequence {state.since} on: it would take away what "
            "came before. Rebuild the whole, without --since"
        )
    async with _paused(broker, projection):
        await replay.catch_up(state)
        if not remove:
            await _check_accounted(rebuild, replay.erased)
        counts = {
            pair.name: await _put_in_place(rebuild, pair, replay.erased)
            for pair in rebuild.collections
        }
        await _erase_late(rebuild, replay.erased, past, store)
    log.info("projection_promoted", projection=projection)
    return counts


async def _check_accounted(rebuild: Rebuild, erased: Erased) -> None:
    """Refuse where live documents were made of events that the rebuild has not seen.

    Whatever the log has lost unnoticed shows here, and nothing has been changed yet.
    """
    unaccounted: dict[str, int] = {}
    for pair in rebuild.collections:
        if pair.keeps:
            continue
        async for difference in compared(pair, erased):
            if difference is not None and _loses(difference):
                unaccounted[pair.name] = unaccounted.get(pair.name, 0) + 1
    if unaccounted:
        told = ", ".join(f"{name}: {count}" for name, count in unaccounted.items())
        raise ReplayRefused(
            f"the rebuild has not seen all the events of some live documents ({told}): it would "
            "take them away, or what is in them. Nothing was changed. `compare` names them; if it "
            "is they that are wrong, promote with --remove"
        )


def _loses(difference: Difference) -> bool:
    if difference.live is None:
        return False
    if difference.rebuilt is None:
        return True
    return not set(_events_of(difference.live)) <= set(_events_of(difference.rebuilt))


def _events_of(document: Document) -> list[int]:
    """Return the events that a document was made of; not every kind of document names them."""
    return list(document.get("log_seqs", ()))


async def _put_in_place(rebuild: Rebuild, pair: RebuiltCollection, erased: Erased) -> Counts:
    counts = Counts()
    changes: list[Difference] = []
    async for difference in compared(pair, erased):
        counts = counted(counts, difference)
        if difference is not None and not (pair.keeps and difference.rebuilt is None):
            changes.append(difference)
        if len(changes) >= _AT_ONCE:
            await _write(rebuild, pair, changes)
            changes = []
    await _write(rebuild, pair, changes)
    return counts


async def _write(rebuild: Rebuild, pair: RebuiltCollection, changes: list[Difference]) -> None:
    if not changes:
        return
    sides = [side for change in changes for side in (change.live, change.rebuilt)]
    documents = [document for document in sides if document is not None]
    await rebuild.touched(documents, written=False)
    try:
        async with store_errors():
            await pair.live.bulk_write([_write_of(change) for change in changes])
    except BulkWriteError as error:
        raise StoreRefused("the store refused promoted documents") from error
    await rebuild.touched(documents, written=True)


def _write_of(change: Difference) -> Any:
    if change.rebuilt is None:
        return DeleteOne({"_id": change.key})
    return ReplaceOne({"_id": change.key}, change.rebuilt, upsert=True)


async def _erase_late(rebuild: Rebuild, before: Erased, past: PastEvents, store: Store) -> None:
    """Take away again what was erased while its documents were put in place."""
    await past.refresh()
    now = await past.erased(store)
    for pair in rebuild.collections:
        async with store_errors():
            for user_id in now.users - before.users:
                await pair.live.delete_many({pair.owner: user_id})
            for user_id, conversation_id in now.conversations - before.conversations:
                if not pair.keeps:
                    same = {pair.owner: user_id, pair.conversation: conversation_id}
                    await pair.live.delete_many(same)


@asynccontextmanager
async def _paused(broker: Client, consumer: str) -> AsyncIterator[None]:
    """Hand nothing to a consumer for the duration of the block, and wait for what it has."""
    await _pause(broker, consumer, _PAUSE_S)
    renewing = asyncio.create_task(_keep_paused(broker, consumer))
    try:
        await _until_nothing_in_hand(broker, consumer)
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await _pause(broker, consumer, 0)


async def _keep_paused(broker: Client, consumer: str) -> None:
    while True:
        await asyncio.sleep(_RENEW_S)
        with suppress(LogUnavailable):
            await _pause(broker, consumer, _PAUSE_S)


async def _pause(broker: Client, consumer: str, seconds: float) -> None:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    try:
        # One in the past ends a pause.
        await broker.jetstream().pause_consumer(
            CHAT, consumer, until.isoformat() if seconds else "1970-01-01T00:00:00Z"
        )
    except (NatsError, APIError, TimeoutError) as error:
        raise LogUnavailable(f"the broker does not pause {consumer}") from error


async def _until_nothing_in_hand(broker: Client, consumer: str) -> None:
    deadline = time.monotonic() + _IN_HAND_S
    while True:
        try:
            info = await broker.jetstream().consumer_info(CHAT, consumer)
        except (NatsError, APIError, TimeoutError) as error:
            raise LogUnavailable(f"the broker does not tell of {consumer}") from error
        if not info.num_ack_pending:
            return
        if time.monotonic() > deadline:
            raise ReplayRefused(
                f"{info.num_ack_pending} events stay in the hands of {consumer}: they wait for the "
                "store, or for a process that has died; promote again in half a minute"
            )
        await asyncio.sleep(_POLL_S)
