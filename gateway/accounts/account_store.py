"""Keep accounts in the store: who there is, and which address belongs to whom.

An address is unique because it is the ``_id`` of a document of its own, which is written first. A
process that dies between the two leaves an address without an account, and after a while the next
one takes it. Whoever was only slow finds that out once the account is written, and takes it back.
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any, cast

import orjson
from pymongo.errors import DuplicateKeyError

from gateway.accounts.ports import Account, NewAccount
from gateway.errors import EmailTaken
from gateway.store_client import Store, store_errors
from schemas.documents import ACCOUNTS_DATABASE, EMAILS, USERS, UserDocument, UserRole

_RANKS_A_MS = 1_000
# Twice as long as making an account may take.
_ABANDONED_MS = 60_000


class MongoAccountStore:
    """Accounts in MongoDB; every method raises ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        database = store[ACCOUNTS_DATABASE]
        self._users, self._emails = database[USERS], database[EMAILS]

    async def prepare(self) -> None:
        """Make the indexes that the queries need."""
        async with store_errors():
            await self._users.create_index([("rank", 1)])
            await self._users.create_index([("role", 1)])

    async def create(self, new: NewAccount) -> Account:
        """Make an account; raises ``EmailTaken``."""
        now_ms = _now_ms()
        await self._claim(new.email, new.user_id)
        row = UserDocument(
            _id=new.user_id,
            name=new.name,
            created_at_ms=now_ms,
            rank=now_ms * _RANKS_A_MS + _spread(new.user_id),
            email=new.email,
            password_hash=new.password_hash,
            role=new.role,
            disabled=False,
            preferences="{}",
        )
        async with store_errors():
            await self._users.insert_one({**row})
            claim = await self._emails.find_one({"_id": _digest(new.email)})
            if claim is None or claim["user_id"] != new.user_id:
                await self._users.delete_one({"_id": new.user_id})
                raise EmailTaken(param="email")
        return _account(row)

    async def by_email(self, email: str) -> Account | None:
        """Return the account of a normal address."""
        async with store_errors():
            claim = await self._emails.find_one({"_id": _digest(email)})
        return None if claim is None else await self.by_id(str(claim["user_id"]))

    async def by_id(self, user_id: str) -> Account | None:
        """Return an account; the user ``dev`` is none."""
        async with store_errors():
            row = await self._users.find_one({"_id": user_id})
        if row is None or row["_id"] != user_id or "email" not in row:
            return None
        return _account(row)

    async def name_of(self, user_id: str) -> str:
        """Return the name of a user, also of ``dev``; empty where there is no such user."""
        async with store_errors():
            row = await self._users.find_one({"_id": user_id})
        return str(row["name"]) if row is not None and row["_id"] == user_id else ""

    async def page(self, after_rank: int, limit: int) -> list[Account]:
        """Return the accounts after a rank, oldest first."""
        async with store_errors():
            found = self._users.find({"rank": {"$gt": after_rank}}).sort("rank", 1).limit(limit)
            rows = await found.to_list()
        return [_account(row) for row in rows if "email" in row]

    async def update(self, user_id: str, **fields: Any) -> bool:
        """Set fields of an account; false when there is none."""
        async with store_errors():
            done = await self._users.update_one({"_id": user_id}, {"$set": fields})
        return done.matched_count == 1

    async def replace_password(self, user_id: str, old_hash: str | None, **fields: Any) -> bool:
        """Set fields, the new hash among them; false unless the old hash is still in place."""
        same = {"_id": user_id, "password_hash": old_hash}
        async with store_errors():
            done = await self._users.update_one(same, {"$set": fields})
        return done.matched_count == 1

    async def has_admin(self) -> bool:
        """Tell whether anybody is an admin and not disabled."""
        async with store_errors():
            return await self._users.find_one({"role": "admin", "disabled": False}) is not None

    async def _claim(self, email: str, user_id: str) -> None:
        digest = _digest(email)
        async with store_errors():
            try:
                await self._emails.insert_one(
                    {"_id": digest, "user_id": user_id, "claimed_at_ms": _now_ms()}
                )
            except DuplicateKeyError:
                if not await self._take_over(digest, user_id):
                    raise EmailTaken(param="email") from None

    async def _take_over(self, digest: str, user_id: str) -> bool:
        """Take the claim of somebody who died before the account was made."""
        now_ms = _now_ms()
        claim = await self._emails.find_one({"_id": digest})
        if claim is None or claim.get("claimed_at_ms", 0) > now_ms - _ABANDONED_MS:
            return False
        if await self._users.find_one({"_id": claim["user_id"]}) is not None:
            return False
        same = {"_id": digest, "user_id": claim["user_id"]}
        change = {"$set": {"user_id": user_id, "claimed_at_ms": now_ms}}
        return (await self._emails.update_one(same, change)).matched_count == 1


def _account(row: Mapping[str, Any] | UserDocument) -> Account:
    return Account(
        user_id=row["_id"],
        name=row["name"],
        email=row.get("email", ""),
        role=cast("UserRole", row.get("role", "user")),
        disabled=bool(row.get("disabled", False)),
        created_at_ms=int(row["created_at_ms"]),
        rank=int(row.get("rank", 0)),
        password_hash=row.get("password_hash"),
        sessions_epoch=row.get("sessions_epoch", ""),
        preferences=orjson.loads(row.get("preferences") or "{}"),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def _spread(user_id: str) -> int:
    """Return what keeps the ranks of one millisecond apart."""
    return int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:4]) % _RANKS_A_MS
