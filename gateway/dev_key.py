"""Make the API key of the user ``dev``, who has no password: what `make up` prints to try."""

import asyncio
import time
from pathlib import Path

import structlog

from gateway.api_key_store import MongoApiKeyStore
from gateway.api_keys import hash_of, is_api_key, new_api_key
from gateway.errors import StoreUnavailable
from gateway.settings import GatewaySettings
from gateway.store_client import open_store
from schemas.secret import write_private

FILE = "dev-api-key"
USER = "dev"
SCOPES = ["chat"]
_STORE_TIMEOUT_S = 30.0
_RETRY_S = 0.2

log = structlog.get_logger(__name__)


async def ensure_dev_key(settings: GatewaySettings) -> Path:
    """Return the file with the key; makes user, key and file where they are missing.

    Waits for the store. Raises ``StoreUnavailable`` when it stays away.
    """
    path = settings.data_dir / FILE
    found = await asyncio.to_thread(_read, path)
    store = open_store(settings.mongo_url)
    deadline = time.monotonic() + _STORE_TIMEOUT_S
    try:
        while True:
            try:
                await _ensure(MongoApiKeyStore(store), path, found)
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_RETRY_S)
            else:
                return path
    finally:
        await store.close()


async def _ensure(keys: MongoApiKeyStore, path: Path, found: str | None) -> None:
    """Keep the key that is in the file: also when the store was emptied."""
    if found is not None and await keys.find(hash_of(found)) is not None:
        return
    key = found or new_api_key()
    user_id = await keys.user_named(USER)
    await keys.add(hash_of(key), user_id, USER, SCOPES)
    # The row first: a key in the file always works.
    await asyncio.to_thread(write_private, path, key + "\n", replace=True)


def _read(path: Path) -> str | None:
    """Return the key in the file, if it has one."""
    text = path.read_text().strip() if path.exists() else ""
    return text if is_api_key(text) else None
