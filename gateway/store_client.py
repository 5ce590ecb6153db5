"""Open the store the way the gateway needs it: it answers soon or counts as away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from bson.codec_options import TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from gateway.errors import StoreUnavailable

# Somebody waits for each request, so a store that is away must be found out soon.
_SELECTION_TIMEOUT_MS = 1_000
_CONNECT_TIMEOUT_MS = 1_000
_SOCKET_TIMEOUT_MS = 5_000
_POOL_SIZE = 32

Store = AsyncMongoClient[dict[str, Any]]

log = structlog.get_logger(__name__)


class _PlainInt(TypeDecoder):
    """Gives numbers of more than 31 bits as plain ones; JSON encoders know no others."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


def open_store(url: str) -> Store:
    """Return a client of the store; it connects with its first request."""
    return AsyncMongoClient(
        url,
        appname="rivulet-gateway",
        serverSelectionTimeoutMS=_SELECTION_TIMEOUT_MS,
        connectTimeoutMS=_CONNECT_TIMEOUT_MS,
        socketTimeoutMS=_SOCKET_TIMEOUT_MS,
        maxPoolSize=_POOL_SIZE,
        type_registry=TypeRegistry([_PlainInt()]),
    )


@asynccontextmanager
async def store_errors() -> AsyncIterator[None]:
    """Raise the store's failures as ours."""
    try:
        yield
    except PyMongoError as error:
        log.warning("store_failed", error=type(error).__name__)
        raise StoreUnavailable from error


class MongoProbe:
    """Asks the store whether it is there."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def is_up(self) -> bool:
        """Tell whether the store answers."""
        try:
            await self._store.admin.command("ping")
        except PyMongoError:
            return False
        return True
