"""Keep the code with which the first admin registers: what `make up` prints until somebody has."""

import asyncio
import time
from pathlib import Path

import structlog

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
_STORE_TIMEOUT_S = 30.0
_RETRY_S = 0.2

log = structlog.get_logger(__name__)


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
    kept = await asyncio.to_thread(_read, path)
    code = await MongoInvitationStore(store).offer_first_admin(kept)
    if code is None:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return None
    await asyncio.to_thread(write_private, path, code + "\n", replace=True)
    return path


class AdminCodeFile:
    """The file as the gateway sees it, which takes it away once its code has made an account."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE

    async def forget(self, code: str) -> None:
        """Remove the file if it holds this code; elsewhere the next start of the stack does."""
        await asyncio.to_thread(self._forget, code)

    def _forget(self, code: str) -> None:
        try:
            if _read(self._path) == code:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("admin_code_not_removed", error=str(error))


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
