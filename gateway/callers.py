"""Tell who sent a request: by its ``Authorization`` header, or by a browser's cookies."""

from sanic import Request

from gateway.accounts.cookies import SessionCookies
from gateway.authentication import Authentication, Principal, Scope

# With these one makes keys or changes accounts: what was ended a moment ago must not leave more
# behind, so they are never believed without the store.
_ALWAYS_VERIFIED: frozenset[Scope] = frozenset(("account", "admin"))


class Callers:
    """What every route asks first."""

    def __init__(self, authentication: Authentication, cookies: SessionCookies) -> None:
        self._authentication = authentication
        self._cookies = cookies

    async def caller(self, request: Request, scope: Scope = "chat") -> Principal:
        """Return who is asking, if they may do what ``scope`` says; raises ``GatewayError``."""
        header: str | None = request.headers.get("authorization")
        token = self._cookies.access_token(request) if header is None else None
        anew = scope in _ALWAYS_VERIFIED
        if token is None:
            principal = await self._authentication.authenticate(header, anew=anew)
        else:
            principal = await self._authentication.authenticate_token(token, anew=anew)
        principal.require(scope)
        return principal
