"""Find out who is asking: the one gate of every route that is not public.

A key or a session that was verified is believed for a while without the store, which may be away
meanwhile. What has ended is forgotten at once in every process, or where that notice is lost within
that time.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, NamedTuple, Protocol

from gateway.accounts.access_tokens import AccessTokens
from gateway.api_keys import hash_of, is_api_key
from gateway.errors import InvalidApiKey, InvalidToken, MissingScope

# It is also how long a deleted key still works where the notice of that is lost.
_BELIEVED_S = 30.0
_MAX_BELIEVED = 10_000
_SCHEME = "bearer "

Scope = Literal["chat", "account", "admin"]
# What a person may do who has signed in; admins may do the rest as well.
_OF_EVERYBODY: Final[frozenset[Scope]] = frozenset(("chat", "account"))
_OF_ADMINS: Final[frozenset[Scope]] = frozenset(("chat", "account", "admin"))


class Principal(NamedTuple):
    """Who is asking, and what they may do: by a session where a person has signed in, or a key."""

    user_id: str
    scopes: frozenset[str]
    session_id: str | None = None
    key_hash: str = ""

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
        # How often something was forgotten: what was looked up before may have changed since.
        self._forgotten = 0

    async def authenticate(self, authorization: str | None, *, anew: bool = False) -> Principal:
        """Return who sent this ``Authorization`` header; ``anew``: whatever is believed.

        Raises ``InvalidApiKey``, ``InvalidToken``, or ``StoreUnavailable`` while it cannot be
        looked up.
        """
        if authorization is None or not authorization[: len(_SCHEME)].lower() == _SCHEME:
            raise InvalidApiKey
        return await self.authenticate_token(authorization[len(_SCHEME) :].strip(), anew=anew)

    async def authenticate_token(self, token: str, *, anew: bool = False) -> Principal:
        """Return whose API key or access token it is."""
        if is_api_key(token):
            return await self._by_key(hash_of(token), anew=anew)
        if token.count(".") != 2:
            raise InvalidApiKey
        claims = self._tokens.read(token, time.time())
        return await self._by_session(claims.session_id, claims.user_id, anew=anew)

    async def confirm(self, principal: Principal, *, anew: bool = False) -> Principal:
        """Return what somebody who was let in may do by now; a token's own end does not matter.

        Raises what ``authenticate`` raises.
        """
        if principal.session_id is None:
            return await self._by_key(principal.key_hash, anew=anew)
        return await self._by_session(principal.session_id, principal.user_id, anew=anew)

    def forget(self, user_id: str) -> None:
        """Believe nothing of a user any more."""
        self._forgotten += 1
        for name in [n for n, (who, _) in self._believed.items() if who.user_id == user_id]:
            del self._believed[name]

    async def _by_key(self, key_hash: str, *, anew: bool) -> Principal:
        return await self._believe(key_hash, lambda: self._owner(key_hash), anew=anew)

    async def _by_session(self, session_id: str, user_id: str, *, anew: bool) -> Principal:
        return await self._believe(
            session_id, lambda: self._signed_in(session_id, user_id), anew=anew
        )

    async def _owner(self, key_hash: str) -> Principal:
        principal = await self._keys.find(key_hash)
        if principal is None:
            raise InvalidApiKey
        return principal._replace(key_hash=key_hash)

    async def _signed_in(self, session_id: str, user_id: str) -> Principal:
        is_admin = await self._sign_ins.is_admin(session_id, user_id)
        if is_admin is None:
            raise InvalidToken
        return Principal(user_id, _OF_ADMINS if is_admin else _OF_EVERYBODY, session_id)

    async def _believe(
        self, name: str, verify: Callable[[], Coroutine[Any, Any, Principal]], *, anew: bool
    ) -> Principal:
        believed = self._believed.get(name)
        if believed is not None and not anew and time.monotonic() < believed[1]:
            return believed[0]
        forgotten = self._forgotten
        try:
            principal = await verify()
        except (InvalidApiKey, InvalidToken):
            self._believed.pop(name, None)
            raise
        if forgotten == self._forgotten:
            self._believed[name] = (principal, time.monotonic() + _BELIEVED_S)
            self._believed.move_to_end(name)
            if len(self._believed) > _MAX_BELIEVED:
                self._believed.popitem(last=False)
        return principal
