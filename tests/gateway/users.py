"""Make users of a test's own, whose replies nobody else counts."""

from typing import NamedTuple

from gateway.api_key_store import MongoApiKeyStore
from gateway.api_keys import hash_of, new_api_key
from gateway.store_client import open_store
from schemas.ids import new_user_id


class User(NamedTuple):
    """A user and a key to sign in with."""

    user_id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


async def new_user(mongo_url: str) -> User:
    """Return a user whom the store knows."""
    user = User(new_user_id(), new_api_key())
    async with open_store(mongo_url) as store:
        await MongoApiKeyStore(store).add(hash_of(user.key), user.user_id, "test", ["chat"])
    return user
