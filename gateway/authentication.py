"""Find out who is asking: the one gate of every route that is not public.

A key or a session that was verified is believed for a while without the store, which may be away
meanwhile. What this process itself has ended it forgets at once, other processes within that time.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, NamedTuple, Protocol

from gateway.accounts.access_tokens import AccessTokens
from gateway.api_keys import hash_of, is_api_key
from gateway.errors import InvalidApiKey, InvalidToken, MissingScope

# It is also how long a deleted key still works.
_BELIEVED_S = 30.0
_MAX_BELIEVED = 10_000
_SCHEME = "bearer "

Scope = Literal["chat", "account", "admin"]
# What a person may do who has signed in; admins may do the rest as well.
_OF_EVERYBODY: Final[frozenset[Scope]] = frozenset(("chat", "account"))
_OF_ADMINS: Final[frozenset[Scope]] = frozenset(("chat", "account", "admin"))


class Principal(NamedTuple):
    """Who is asking, and what they may do; ``session_id`` where a person has signed in."""

    user_id: str
    scopes: frozenset[str]
    session_id: str | None = None

    def require(self, scope: Scope) -> None:
        """Raise ``MissingScope`` unless this may be done."""
        if scope not in self.scopes:
            raise MissingScope(
                f"This needs the scope `{scope}`; "
                + ("sign in instead of using a key." if scope == "account" else "ask an admin.")
            )


class ApiKeyReader(Protocol):
    """Where API keys are looked up."""

    async def find(self, key_hash: str) -> Principal | None:
        """Return the owner of a key; raises ``StoreUnavailable``."""


class SignInReader(Protocol):
    """Where sessions are looked up."""

    async def is_admin(self, session_id: str, user_id: str) -> bool | None:
        """Tell whether a session is an admin's, ``None`` if it has ended.

        Raises ``StoreUnavailable``.
        """


class Authentication:
    """Verifies API keys and access tokens."""

    def __init__(self, keys: ApiKeyReader, sign_ins: SignInReader, tokens: AccessTokens) -> None:
        self._keys = keys
        self._sign_ins = sign_ins
        self._tokens = tokens
        self._believed: OrderedDict[str, tuple[Principal, float]] = OrderedDict()

    async def authenticate(self, authorization: str | None) -> Principal:
        """Return who sent this ``Authorization`` header.

        Raises ``InvalidApiKey``, ``InvalidToken``, or ``StoreUnavailable`` while it cannot be
        looked up.
        """
        if authorization is None or not authorization[: len(_SCHEME)].lower() == _SCHEME:
            raise InvalidApiKey
        return await self.authenticate_token(authorization[len(_SCHEME) :].strip())

    async def authenticate_token(self, token: str) -> Principal:
        """Return whose API key or access token it is."""
        if is_api_key(token):
            key_hash = hash_of(token)
            return await self._believe(key_hash, lambda: self._owner(key_hash))
        if token.count(".") != 2:
            raise InvalidApiKey
        claims = self._tokens.read(token, time.time())
        return await self._believe(
            claims.session_id, lambda: self._signed_in(claims.session_id, claims.user_id)
        )

    def forget(self, user_id: str) -> None:
        """Believe nothing of a user any more."""
        for name in [n for n, (who, _) in self._believed.items() if who.user_id == user_id]:
            del self._believed[name]

    async def _owner(self, key_hash: str) -> Principal:
        principal = await self._keys.find(key_hash)
        if principal is None:
            raise InvalidApiKey
        return principal

    async def _signed_in(self, session_id: str, user_id: str) -> Principal:
        is_admin = await self._sign_ins.is_admin(session_id, user_id)
        if is_admin is None:
            raise InvalidToken
        return Principal(user_id, _OF_ADMINS if is_admin else _OF_EVERYBODY, session_id)

    async def _believe(
        self, name: str, verify: Callable[[], Coroutine[Any, Any, Principal]]
    ) -> Principal:
        believed = self._believed.get(name)
        if believed is not None and time.monotonic() < believed[1]:
            return believed[0]
        self._believed.pop(name, None)
        principal = await verify()
        self._believed[name] = (principal, time.monotonic() + _BELIEVED_S)
        if len(self._believed) > _MAX_BELIEVED:
            self._believed.popitem(last=False)
        return principal
