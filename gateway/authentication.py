"""Find out who is asking: the one gate of every route that is not public."""

import time
from collections import OrderedDict
from typing import NamedTuple, Protocol

from gateway.api_keys import hash_of, is_api_key
from gateway.errors import InvalidApiKey

# So long a verified key is believed without the store, which may be away meanwhile. It is also
# how long a deleted key still works.
_BELIEVED_S = 30.0
_MAX_CACHED = 10_000
_SCHEME = "bearer "


class Principal(NamedTuple):
    """Who is asking, and what they may do."""

    user_id: str
    scopes: frozenset[str]


class ApiKeyReader(Protocol):
    """Where API keys are looked up."""

    async def find(self, key_hash: str) -> Principal | None:
        """Return the owner of a key; raises ``StoreUnavailable``."""


class Authentication:
    """Verifies API keys, and remembers the good ones for a while."""

    def __init__(self, keys: ApiKeyReader) -> None:
        self._keys = keys
        self._believed: OrderedDict[str, tuple[Principal, float]] = OrderedDict()

    async def authenticate(self, authorization: str | None) -> Principal:
        """Return who sent this ``Authorization`` header.

        Raises ``InvalidApiKey``, or ``StoreUnavailable`` while a key cannot be looked up.
        """
        if authorization is None or not authorization[: len(_SCHEME)].lower() == _SCHEME:
            raise InvalidApiKey
        key = authorization[len(_SCHEME) :].strip()
        if not is_api_key(key):
            raise InvalidApiKey
        key_hash = hash_of(key)
        believed = self._believed.get(key_hash)
        if believed is not None and time.monotonic() < believed[1]:
            return believed[0]
        return await self._verify(key_hash)

    async def _verify(self, key_hash: str) -> Principal:
        principal = await self._keys.find(key_hash)
        self._believed.pop(key_hash, None)
        if principal is None:
            raise InvalidApiKey
        self._believed[key_hash] = (principal, time.monotonic() + _BELIEVED_S)
        if len(self._believed) > _MAX_CACHED:
            self._believed.popitem(last=False)
        return principal
