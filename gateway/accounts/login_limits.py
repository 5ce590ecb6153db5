"""Count failed logins by account and by address, over all gateway processes, and refuse too many.

Counted are failures within fixed windows. Both limits are far above what a person who forgot a
password needs, and far below what guessing one needs; that of an address is higher, since an office
may share one.
"""

import hashlib
import math
import time
from datetime import UTC, datetime

from gateway.errors import TooManyLogins
from gateway.store_client import Store, store_errors
from schemas.documents import ACCOUNTS_DATABASE, LOGIN_FAILURES

_WINDOW_S = 900
_OF_ACCOUNT = 10
_OF_ADDRESS = 100


class MongoLoginLimits:
    """Counters in MongoDB; every method raises ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        self._failures = store[ACCOUNTS_DATABASE][LOGIN_FAILURES]

    async def prepare(self) -> None:
        """Let the store forget windows that are over."""
        async with store_errors():
            await self._failures.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def refuse_too_many(self, email: str, address: str) -> None:
        """Raise ``TooManyLogins`` before a password is looked at."""
        for key, limit in self._keys(email, address):
            async with store_errors():
                row = await self._failures.find_one({"_id": key})
            if row is not None and row["failures"] >= limit:
                refusal = TooManyLogins()
                refusal.retry_after_s = math.ceil(_WINDOW_S - time.time() % _WINDOW_S)
                raise refusal

    async def failed(self, email: str, address: str) -> None:
        """Count a failure."""
        expires_at = datetime.fromtimestamp((_window() + 1) * _WINDOW_S, UTC)
        change = {"$inc": {"failures": 1}, "$set": {"expires_at": expires_at}}
        for key, _ in self._keys(email, address):
            async with store_errors():
                await self._failures.update_one({"_id": key}, change, upsert=True)

    def _keys(self, email: str, address: str) -> list[tuple[str, int]]:
        window = _window()
        return [
            (f"account-{_digest(email)}-{window}", _OF_ACCOUNT),
            (f"address-{_digest(address)}-{window}", _OF_ADDRESS),
        ]


def _window() -> int:
    return int(time.time()) // _WINDOW_S


def _digest(text: str) -> str:
    """Return what stands for an address: what somebody mistyped is nobody's to read."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
