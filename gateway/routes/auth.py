"""``/api/auth/...``: register, sign in, stay signed in, sign out."""

import unicodedata
from collections.abc import Coroutine
from typing import Any

from sanic import HTTPResponse, Request

from gateway.accounts.accounts import SignedIn
from gateway.accounts.ports import Applicant, Visitor
from gateway.errors import InvalidApiKey, InvalidToken
from gateway.json_response import json_response
from gateway.profiles import profile_of
from gateway.request_body import read_object
from gateway.request_parsing import typed
from gateway.requests import LoginRequest, RefreshRequest, RegisterRequest, SessionKind
from gateway.responses import Done, SignedInUser
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    auth = Auth(services)
    for name in ("register", "login", "refresh", "logout", "logout_everywhere"):
        path = f"/api/auth/{name.replace('_', '-')}"
        app.add_route(
            reading_body(getattr(auth, name)),
            path,
            methods=["POST"],
            name=f"auth_{name}",
            stream=True,
        )


def normal_email(email: str) -> str:
    """Return the one form of an address under which its account is kept."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def visitor_of(request: Request, device: str = "") -> Visitor:
    """Return where a request comes from, and its client's name for itself."""
    agent: str = request.headers.get("user-agent", "")
    # What the proxies say, as far as they are trusted, else the peer.
    return Visitor(request.remote_addr or request.ip, device or agent[:100])


class Auth:
    """Begins, renews and ends sessions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._accounts = services.accounts
        self._cookies = services.cookies

    async def register(self, request: Request) -> HTTPResponse:
        """Make an account and sign in to it."""
        wanted = typed(await self._body(request), RegisterRequest)
        self._refuse_foreign(request, wanted.session)
        applicant = Applicant(
            normal_email(wanted.email), wanted.password, wanted.name, wanted.code or None
        )
        visitor = visitor_of(request, wanted.device)
        # A client that hangs up must not leave a used code without an account.
        signed_in = await self._services.background.finish(
            self._accounts.register(applicant, visitor), "register"
        )
        return self._answer(request, signed_in, in_cookies=wanted.session == "cookie", status=201)

    async def login(self, request: Request) -> HTTPResponse:
        """Sign in with a password."""
        given = typed(await self._body(request), LoginRequest)
        self._refuse_foreign(request, given.session)
        visitor = visitor_of(request, given.device)
        signed_in = await self._accounts.login(normal_email(given.email), given.password, visitor)
        return self._answer(request, signed_in, in_cookies=given.session == "cookie")

    async def refresh(self, request: Request) -> HTTPResponse:
        """Renew a session by its refresh token, from the body or the cookies."""
        given = typed(await self._body(request), RefreshRequest).refresh_token
        in_cookies = given is None
        token = self._cookies.refresh_token(request) if given is None else given
        if token is None:
            raise InvalidToken("Send `refresh_token`, or sign in again.", param="refresh_token")
        return self._answer(request, await self._accounts.refresh(token), in_cookies=in_cookies)

    async def logout(self, request: Request) -> HTTPResponse:
        """End the session that the request is made in."""
        try:
            principal = await self._services.callers.caller(request, "account")
        except (InvalidApiKey, InvalidToken):
            # A browser whose access cookie has expired still has the other one.
            token = self._cookies.refresh_token(request)
            if token is None or "authorization" in request.headers:
                raise
            await self._body(request)
            await self._finish(self._accounts.logout_by_refresh(token))
            return self._signed_out(request)
        await self._body(request)
        if principal.session_id is not None:
            await self._finish(self._accounts.logout(principal.user_id, principal.session_id))
        return self._signed_out(request)

    async def logout_everywhere(self, request: Request) -> HTTPResponse:
        """End every session of the user."""
        principal = await self._services.callers.caller(request, "account")
        await self._body(request)
        await self._finish(self._accounts.logout_everywhere(principal.user_id))
        return self._signed_out(request)

    async def _finish(self, sign_out: Coroutine[Any, Any, None]) -> None:
        """Sign out and tell of it, also if the browser leaves the page meanwhile."""
        await self._services.background.finish(sign_out, "sign-out")

    async def _body(self, request: Request) -> dict[str, object]:
        return await read_object(request, self._services.settings.max_body_bytes)

    def _refuse_foreign(self, request: Request, session: SessionKind) -> None:
        """Let no other site's page sign somebody in here, as whomever it likes."""
        if session == "cookie":
            self._cookies.refuse_foreign_page(request)

    def _answer(
        self, request: Request, signed_in: SignedIn, *, in_cookies: bool, status: int = 200
    ) -> HTTPResponse:
        body = SignedInUser(user=profile_of(signed_in.account), expires_in=signed_in.expires_in_s)
        if not in_cookies:
            body.access_token = signed_in.access_token
            body.refresh_token = signed_in.refresh_token
        response = json_response(body, status, {"Cache-Control": "no-store"})
        if in_cookies:
            tokens = signed_in.access_token, signed_in.refresh_token
            self._cookies.set(request, response, *tokens)
        return response

    def _signed_out(self, request: Request) -> HTTPResponse:
        response = json_response(Done())
        self._cookies.clear(request, response)
        return response
