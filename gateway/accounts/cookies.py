"""Keep a browser's session in cookies that its scripts cannot read, and prove that a page is ours.

A browser sends cookies whoever asked for the request. ``SameSite`` keeps them from other sites'
requests, and what changes anything must repeat the readable ``rivulet_csrf`` in a header, which
another site's page cannot (signed double submit: OWASP's CSRF cheat sheet).
"""

import hashlib
import hmac
from typing import Final

from sanic import HTTPResponse, Request

from gateway.accounts.access_tokens import LIFETIME_S
from gateway.accounts.ports import IDLE_S
from gateway.errors import CsrfRefused, ForbiddenOrigin
from gateway.origin import is_allowed

ACCESS: Final = "rivulet_access"
REFRESH: Final = "rivulet_refresh"
CSRF: Final = "rivulet_csrf"
CSRF_HEADER: Final = "x-csrf-token"
# The refresh token goes to the routes that take it and nowhere else.
REFRESH_PATH: Final = "/api/auth"
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class SessionCookies:
    """Sets and checks the cookies of one instance."""

    def __init__(self, secret: bytes, origins: tuple[str, ...]) -> None:
        self._secret = secret
        self._origins = origins

    def set(self, request: Request, response: HTTPResponse, access: str, refresh: str) -> None:
        """Give a browser its session."""
        idle_s = round(IDLE_S)
        cookies = (
            (ACCESS, access, "/", True, LIFETIME_S),
            (REFRESH, refresh, REFRESH_PATH, True, idle_s),
            (CSRF, self._csrf_of(refresh), "/", False, idle_s),
        )
        for name, value, path, httponly, max_age in cookies:
            response.add_cookie(
                name,
                value,
                path=path,
                httponly=httponly,
                max_age=max_age,
                secure=_is_https(request),
                samesite="Strict",
            )

    def clear(self, request: Request, response: HTTPResponse) -> None:
        """Take the session away from a browser."""
        secure = _is_https(request)
        for name, path in ((ACCESS, "/"), (REFRESH, REFRESH_PATH), (CSRF, "/")):
            response.cookies.delete_cookie(name, path=path, secure=secure)

    def access_token(self, request: Request) -> str | None:
        """Return the access token in the cookies of a request that our own page has made.

        Raises ``ForbiddenOrigin`` or ``CsrfRefused``.
        """
        token: str | None = request.cookies.get(ACCESS)
        if token is not None:
            self._refuse_foreign(request)
        return token

    def refresh_token(self, request: Request) -> str | None:
        """Return the refresh token in the cookies; raises as ``access_token`` does."""
        token: str | None = request.cookies.get(REFRESH)
        if token is not None:
            self._refuse_foreign(request)
        return token

    def refuse_foreign_page(self, request: Request) -> None:
        """Raise ``ForbiddenOrigin`` for a request that another site's page has made."""
        origin, host = request.headers.get("origin"), request.headers.get("host")
        if not is_allowed(origin, host, self._origins):
            raise ForbiddenOrigin

    def _refuse_foreign(self, request: Request) -> None:
        self.refuse_foreign_page(request)
        if request.method in _SAFE_METHODS:
            return
        cookie, header = request.cookies.get(CSRF), request.headers.get(CSRF_HEADER)
        if not cookie or not header or not hmac.compare_digest(cookie.encode(), header.encode()):
            raise CsrfRefused
        if not self._made_here(cookie):
            raise CsrfRefused

    def _csrf_of(self, refresh: str) -> str:
        """Return a value that only we can have made for this token."""
        nonce = hashlib.sha256(refresh.encode()).hexdigest()[:32]
        return f"{nonce}.{self._signature(nonce)}"

    def _made_here(self, value: str) -> bool:
        nonce, _, signature = value.partition(".")
        return hmac.compare_digest(self._signature(nonce).encode(), signature.encode())

    def _signature(self, nonce: str) -> str:
        return hmac.new(self._secret, f"csrf:{nonce}".encode(), hashlib.sha256).hexdigest()[:32]


def _is_https(request: Request) -> bool:
    """Tell whether the browser speaks TLS, to us or to a proxy before us."""
    forwarded: str = request.headers.get("x-forwarded-proto", "")
    return request.scheme == "https" or forwarded.split(",")[0].strip() == "https"
