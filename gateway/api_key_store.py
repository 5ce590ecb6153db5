"""Keep API keys and the users they belong to in the store."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.accounts.ports import StoredKey
from gateway.authentication import Principal
from gateway.store_client import Store, store_errors
from schemas.documents import (
    ACCOUNTS_DATABASE,
    API_KEYS,
    USERS,
    ApiKeyDocument,
    UserDocument,
)
from schemas.ids import new_ulid, new_user_id

# Noted at most this often: a busy key must not become a write for each request.
_USED_EVERY_MS = 60_000
# More than anybody makes; a bound for memory.
_MAX_KEYS = 1_000


class MongoApiKeyStore:
    """API keys in MongoDB; ``_id`` is the key's hash. Methods raise ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        self._keys = store[ACCOUNTS_DATABASE][API_KEYS]
        self._users = store[ACCOUNTS_DATABASE][USERS]

    async def prepare(self) -> None:
        """Make the index that the list needs."""
        async with store_errors():
            await self._keys.create_index([("user_id", 1)])

    async def find(self, key_hash: str) -> Principal | None:
        """Return the owner of a key, unless the account is disabled."""
        async with store_errors():
            row = await self._keys.find_one({"_id": key_hash})
            if row is None or row["_id"] != key_hash:
                return None
            user = await self._users.find_one({"_id": row["user_id"]})
            if user is not None and user.get("disabled"):
                return None
            await self._note_use(row)
        scopes = set(map(str, row.get("scopes", ())))
        if user is None or user.get("role") != "admin":
            # Made by somebody who was an admin then.
            scopes.discard("admin")
        return Principal(str(row["user_id"]), frozenset(scopes))

    async def add(self, key_hash: str, user_id: str, name: str, scopes: Sequence[str]) -> StoredKey:
        """Keep a key."""
        row = ApiKeyDocument(
            _id=key_hash,
            user_id=user_id,
            name=name,
            scopes=[*scopes],
            created_at_ms=_now_ms(),
            key_id=new_ulid(),
            used_at_ms=0,
        )
        async with store_errors():
            await self._keys.insert_one({**row})
        return _stored(row)

    async def of_user(self, user_id: str) -> list[StoredKey]:
        """Return a user's keys, the newest first."""
        async with store_errors():
            rows = await self._keys.find({"user_id": user_id}).limit(_MAX_KEYS).to_list()
        own = [_stored(row) for row in rows if row["user_id"] == user_id]
        return sorted(own, key=lambda key: key.created_at_ms, reverse=True)

    async def remove(self, user_id: str, key_id: str) -> bool:
        """Delete one of a user's keys; false when it is not one."""
        async with store_errors():
            done = await self._keys.delete_one({"key_id": key_id, "user_id": user_id})
        return done.deleted_count == 1

    async def user_named(self, name: str) -> str:
        """Return the id of the user without an account who has this name; made if need be."""
        async with store_errors():
            rows = await self._users.find({"name": name}).limit(_MAX_KEYS).to_list()
            # People may call themselves as they like.
            for row in rows:
                if "email" not in row:
                    return str(row["_id"])
            user = UserDocument(_id=new_user_id(), name=name, created_at_ms=_now_ms())
            await self._users.insert_one({**user})
        return user["_id"]

    async def _note_use(self, row: Mapping[str, Any]) -> None:
        now_ms = _now_ms()
        if now_ms - row.get("used_at_ms", 0) > _USED_EVERY_MS:
            await self._keys.update_one({"_id": row["_id"]}, {"$set": {"used_at_ms": now_ms}})


def _stored(row: Mapping[str, Any] | ApiKeyDocument) -> StoredKey:
    return StoredKey(
        key_id=row.get("key_id", ""),
        name=row["name"],
        scopes=tuple(row["scopes"]),
        created_at_ms=int(row["created_at_ms"]),
        used_at_ms=int(row.get("used_at_ms", 0)),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
