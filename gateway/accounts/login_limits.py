"""Count tries by account and by address, over all gateway processes, and refuse too many.

A try is counted before its password is looked at, in one step with the look at the count: however
many come at once, so many are checked. It is taken back when the password was right. Both limits of
fixed windows are far above what a person who forgot a password needs, and far below what guessing
one needs; that of an address is higher, since an office may share one.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from gateway.accounts.ports import Counted
from gateway.errors import LimitReached, TooManyLogins, TooManyRegistrations
from gateway.store_client import Store, store_errors
from schemas.documents import ACCOUNTS_DATABASE, LOGIN_FAILURES

WINDOW_S = 900
_OF_ACCOUNT = 10
_OF_ADDRESS = 100
# Each costs a password's hash and, where registration is open, an account.
_REGISTRATIONS = 100
# What one customer of a provider has at least: whoever has one IPv6 address has them all.
_IPV6_NETWORK = 64


class _Counter(NamedTuple):
    key: str
    limit: int


class MongoLoginLimits:
    """Counters in MongoDB; every method raises ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        self._failures = store[ACCOUNTS_DATABASE][LOGIN_FAILURES]

    async def prepare(self) -> None:
        """Let the store forget windows that are over."""
        async with store_errors():
            await self._failures.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def count_login(self, email: str, address: str) -> Counted:
        """Count a try; raises ``TooManyLogins``, and then the password must not be looked at."""
        window = _window()
        counters = (
            _Counter(f"account-{_digest(email)}-{window}", _OF_ACCOUNT),
            _Counter(f"address-{_digest(_network(address))}-{window}", _OF_ADDRESS),
        )
        counted = await self._count(counters)
        if counted is None:
            raise _until_next_window(TooManyLogins())
        return counted

    async def count_registration(self, address: str) -> None:
        """Count somebody who wants an account; raises ``TooManyRegistrations``."""
        key = f"register-{_digest(_network(address))}-{_window()}"
        if await self._count([_Counter(key, _REGISTRATIONS)]) is None:
            raise _until_next_window(TooManyRegistrations())

    async def take_back(self, counted: Counted) -> None:
        """Count less: the password was right, or nobody has looked at it."""
        for key in counted.keys:
            async with store_errors():
                await self._failures.update_one(
                    {"_id": key, "failures": {"$gt": 0}}, {"$inc": {"failures": -1}}
                )

    async def _count(self, counters: Sequence[_Counter]) -> Counted | None:
        """Count in all of them, or in none and return ``None``."""
        done: list[str] = []
        for counter in counters:
            if not await self._count_in(counter):
                await self.take_back(Counted(tuple(done)))
                return None
            done.append(counter.key)
        return Counted(tuple(done))

    async def _count_in(self, counter: _Counter) -> bool:
        """Count one unless the limit is reached."""
        below = {"_id": counter.key, "failures": {"$lt": counter.limit}}
        expires_at = datetime.fromtimestamp((_window() + 1) * WINDOW_S, UTC)
        change = {"$inc": {"failures": 1}, "$set": {"expires_at": expires_at}}
        async with store_errors():
            try:
                await self._failures.update_one(below, change, upsert=True)
            except DuplicateKeyError:
                # It is there: full, or made by somebody else a moment ago.
                done = await self._failures.update_one(below, change)
                return done.matched_count == 1
        return True


def _until_next_window(refusal: LimitReached) -> LimitReached:
    refusal.retry_after_s = math.ceil(WINDOW_S - time.time() % WINDOW_S)
    return refusal


def _window() -> int:
    return int(time.time()) // WINDOW_S


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_NETWORK), strict=False))


def _digest(text: str) -> str:
    """Return what stands for an address: what somebody mistyped is nobody's to read."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
