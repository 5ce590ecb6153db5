"""Open the store the way the consumers need it, name its failures, and make its indexes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bson.errors import BSONError
from pymongo import ASCENDING, TEXT, AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from analytics.errors import NotStorable, StoreRefused, StoreUnavailable

# Short: the consumers keep retrying themselves, and must notice a stop in between.
_SELECTION_TIMEOUT_MS = 1_000
_CONNECT_TIMEOUT_MS = 1_000
# Nobody may be there to call a command again: a store that restarts is waited for.
COMMAND_WAITS_MS = 10_000
# A request that takes longer has met a store that is stuck; the event is tried again.
_SOCKET_TIMEOUT_MS = 10_000
# The embedded store serves one request of a database at a time; more would only queue there.
_POOL_SIZE = 16
_DUPLICATE_KEY = 11000

Document = dict[str, Any]
Store = AsyncMongoClient[Document]
Collection = AsyncCollection[Document]
IndexKeys = Sequence[str]


def open_store(url: str, selection_timeout_ms: int = _SELECTION_TIMEOUT_MS) -> Store:
    """Return a client of the store; it connects with its first request.

    ``selection_timeout_ms`` is how long a request waits for a store that is away.
    """
    return AsyncMongoClient(
        url,
        appname="rivulet-analytics",
        serverSelectionTimeoutMS=selection_timeout_ms,
        connectTimeoutMS=_CONNECT_TIMEOUT_MS,
        socketTimeoutMS=_SOCKET_TIMEOUT_MS,
        maxPoolSize=_POOL_SIZE,
        # Every write is idempotent and retried by its caller, also where the server cannot.
        retryWrites=False,
    )


@asynccontextmanager
async def store_errors() -> AsyncIterator[None]:
    """Raise the store's failures as ours; a duplicate key is an answer and passes through."""
    try:
        yield
    except (DuplicateKeyError, BulkWriteError):
        raise
    except ConnectionFailure as error:
        raise StoreUnavailable(f"the store does not answer: {type(error).__name__}") from error
    except (BSONError, DocumentTooLarge, OverflowError, UnicodeEncodeError) as error:
        raise NotStorable(f"the document cannot be stored: {type(error).__name__}") from error
    except PyMongoError as error:
        raise StoreRefused(f"the store refused a write: {type(error).__name__}") from error


def refuse_other_than_duplicates(error: BulkWriteError) -> None:
    """Raise ``StoreRefused`` unless all that failed are documents that are there already."""
    codes = {failure.get("code") for failure in error.details.get("writeErrors", [])}
    if codes != {_DUPLICATE_KEY}:
        raise StoreRefused(f"the store refused writes: {sorted(map(str, codes))}") from error


async def insert_new(collection: Collection, documents: Sequence[Document]) -> list[bool]:
    """Insert documents, and tell of each whether it was new; raises as ``store_errors`` does."""
    there: set[int] = set()
    async with store_errors():
        try:
            await collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            refuse_other_than_duplicates(error)
            there = {failure["index"] for failure in error.details.get("writeErrors", [])}
    return [index not in there for index in range(len(documents))]


async def ensure_indexes(collection: Collection, wanted: Sequence[IndexKeys]) -> None:
    """Make the indexes that are missing.

    They are told by their keys, because the embedded store chooses names of its own.
    """
    found = {
        tuple(key for key, _ in index["key"])
        for index in (await collection.index_information()).values()
    }
    for keys in wanted:
        if tuple(keys) not in found:
            await collection.create_index([(key, ASCENDING) for key in keys])


async def ensure_text_index(collection: Collection, field: str) -> None:
    """Make the collection's one text index if it is missing; words count as they are written.

    The embedded store does not list it, and cannot make it twice.
    """
    found = await collection.index_information()
    if any("textIndexVersion" in index for index in found.values()):
        return
    try:
        await collection.create_index([(field, TEXT)], default_language="none")
    except OperationFailure as error:
        if "constraint failed" not in str(error):
            raise
