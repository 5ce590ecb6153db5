"""Keep API keys and the users they belong to in the store."""

import time

from gateway.authentication import Principal
from gateway.store_client import Store, store_errors
from schemas.documents import (
    ACCOUNTS_DATABASE,
    API_KEYS,
    USERS,
    ApiKeyDocument,
    UserDocument,
)
from schemas.ids import new_user_id


class MongoApiKeyStore:
    """API keys in MongoDB; ``_id`` is the key's hash."""

    def __init__(self, store: Store) -> None:
        self._keys = store[ACCOUNTS_DATABASE][API_KEYS]
        self._users = store[ACCOUNTS_DATABASE][USERS]

    async def find(self, key_hash: str) -> Principal | None:
        """Return the owner of a key; raises ``StoreUnavailable``."""
        async with store_errors():
            row = await self._keys.find_one({"_id": key_hash})
        if row is None or row["_id"] != key_hash:
            return None
        return Principal(str(row["user_id"]), frozenset(map(str, row.get("scopes", ()))))

    async def add(self, key_hash: str, user_id: str, name: str, scopes: list[str]) -> None:
        """Keep a key; raises ``StoreUnavailable``."""
        row = ApiKeyDocument(
            _id=key_hash, user_id=user_id, name=name, scopes=scopes, created_at_ms=_now_ms()
        )
        async with store_errors():
            await self._keys.insert_one({**row})

    async def user_named(self, name: str) -> str:
        """Return the id of the user with this name, who is made if need be."""
        async with store_errors():
            row = await self._users.find_one({"name": name})
            if row is not None:
                return str(row["_id"])
            user = UserDocument(_id=new_user_id(), name=name, created_at_ms=_now_ms())
            await self._users.insert_one({**user})
        return user["_id"]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
