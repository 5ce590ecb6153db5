"""Make the code with which the first admin registers: what `make up` prints until somebody has."""

import asyncio
import secrets
import time
from pathlib import Path

from gateway.accounts.account_store import MongoAccountStore
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.accounts.login_limits import MongoLoginLimits
from gateway.accounts.refresh_tokens import RefreshTokens
from gateway.accounts.session_store import MongoSessionStore
from gateway.api_key_store import MongoApiKeyStore
from gateway.errors import StoreUnavailable
from gateway.settings import GatewaySettings
from gateway.store_client import Store, open_store
from schemas.secret import write_private

FILE = "admin-code"
_PREFIX = "rva_"
_BYTES = 18
_STORE_TIMEOUT_S = 30.0
_RETRY_S = 0.2


async def ensure_admin_code(settings: GatewaySettings) -> Path | None:
    """Return the file with the code, ``None`` once it has made an admin and there is one.

    Prepares the store for accounts on the way, tidies it up, and waits for it. Raises
    ``StoreUnavailable`` when it stays away.
    """
    path = settings.data_dir / FILE
    store = open_store(settings.mongo_url)
    deadline = time.monotonic() + _STORE_TIMEOUT_S
    try:
        while True:
            try:
                return await _ensure(store, path)
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_RETRY_S)
    finally:
        await store.close()


async def _ensure(store: Store, path: Path) -> Path | None:
    await MongoAccountStore(store).prepare()
    sessions = MongoSessionStore(store, RefreshTokens(b""))
    await sessions.prepare()
    await sessions.forget_expired()
    await MongoLoginLimits(store).prepare()
    await MongoApiKeyStore(store).prepare()
    code = await asyncio.to_thread(_read, path) or _PREFIX + secrets.token_urlsafe(_BYTES)
    if not await MongoInvitationStore(store).offer_first_admin(code):
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return None
    await asyncio.to_thread(write_private, path, code + "\n", replace=True)
    return path


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
