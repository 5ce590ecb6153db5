"""``/api/me`` and ``/api/keys``: what people see and change of their own accounts."""

from typing import Any

from sanic import HTTPResponse, Request

from gateway.api_keys import hash_of, new_api_key
from gateway.authentication import Principal
from gateway.conversations.views import erasure_shown
from gateway.errors import NotFound
from gateway.json_response import json_response
from gateway.profiles import key_shown, profile_of, session_shown
from gateway.request_body import read_object
from gateway.request_parsing import typed
from gateway.requests import EraseRequest, KeyRequest, KeyScope, PasswordRequest, ProfileRequest
from gateway.responses import Done, KeyList, NewKey, SessionList
from gateway.routes.auth import visitor_of
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services

_CREATED, _ACCEPTED = 201, 202
_USUAL_SCOPES: tuple[KeyScope, ...] = ("chat",)


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    me = Me(services)
    app.add_route(me.show, "/api/me", methods=["GET"], name="show_me")
    app.add_route(
        reading_body(me.change), "/api/me", methods=["PATCH"], name="change_me", stream=True
    )
    app.add_route(
        reading_body(me.password),
        "/api/me/password",
        methods=["POST"],
        name="change_password",
        stream=True,
    )
    app.add_route(
        reading_body(me.erase), "/api/me", methods=["DELETE"], name="erase_me", stream=True
    )
    app.add_route(me.sessions, "/api/me/sessions", methods=["GET"], name="list_sessions")
    app.add_route(
        me.end_session,
        "/api/me/sessions/<session_id>",
        methods=["DELETE"],
        name="end_session",
    )
    app.add_route(me.keys, "/api/keys", methods=["GET"], name="list_keys")
    app.add_route(
        reading_body(me.make_key), "/api/keys", methods=["POST"], name="make_key", stream=True
    )
    app.add_route(me.delete_key, "/api/keys/<key_id>", methods=["DELETE"], name="delete_key")


class Me:
    """Answers about the account that asks; a key cannot change what it belongs to."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._accounts = services.accounts

    async def show(self, request: Request) -> HTTPResponse:
        """Return the profile."""
        principal = await self._caller(request)
        return json_response(profile_of(await self._accounts.profile(principal.user_id)))

    async def change(self, request: Request) -> HTTPResponse:
        """Change name and preferences."""
        principal = await self._caller(request)
        sent = await self._body(request)
        wanted = typed(sent, ProfileRequest)
        # As they were sent: null means something here.
        preferences = {} if wanted.preferences is None else sent["preferences"]
        account = await self._accounts.change_profile(
            principal.user_id, name=wanted.name, preferences=preferences
        )
        return json_response(profile_of(account))

    async def password(self, request: Request) -> HTTPResponse:
        """Change the password; all other sessions end."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), PasswordRequest)
        change = self._accounts.change_password(
            principal.user_id,
            principal.session_id or "",
            wanted.old_password,
            wanted.new_password,
            visitor_of(request),
        )
        await self._services.background.finish(change, "change-password")
        return json_response(Done())

    async def erase(self, request: Request) -> HTTPResponse:
        """Erase the account and everything that belongs to it, for good."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), EraseRequest)
        await self._accounts.check_password(
            principal.user_id, wanted.password, visitor_of(request), param="password"
        )
        report = await self._services.erasing.erase(principal.user_id)
        return json_response(erasure_shown(report), _ACCEPTED if report is None else 200)

    async def sessions(self, request: Request) -> HTTPResponse:
        """List where the user is signed in."""
        principal = await self._caller(request)
        sessions = await self._services.sessions.of_user(principal.user_id)
        return json_response(
            SessionList(data=[session_shown(s, principal.session_id) for s in sessions])
        )

    async def end_session(self, request: Request, session_id: str) -> HTTPResponse:
        """Sign out elsewhere."""
        principal = await self._caller(request)
        if not await self._services.sessions.end(principal.user_id, session_id):
            raise NotFound("There is no such session; it may have ended.")
        await self._services.session_notices.ended(principal.user_id)
        return json_response(Done())

    async def keys(self, request: Request) -> HTTPResponse:
        """List the API keys."""
        principal = await self._caller(request)
        keys = await self._services.keys.of_user(principal.user_id)
        return json_response(KeyList(data=[key_shown(key) for key in keys]))

    async def make_key(self, request: Request) -> HTTPResponse:
        """Make an API key and show it, once."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), KeyRequest)
        scopes = sorted(set(wanted.scopes or _USUAL_SCOPES))
        for scope in scopes:
            # Nobody gives away what they may not do themselves.
            principal.require(scope)
        key = new_api_key()
        made = await self._services.keys.add(
            hash_of(key), principal.user_id, wanted.name, [*scopes]
        )
        body = NewKey(
            key=key,
            key_id=made.key_id,
            name=made.name,
            scopes=list(made.scopes),
            created_at_ms=made.created_at_ms,
        )
        return json_response(body, _CREATED, {"Cache-Control": "no-store"})

    async def delete_key(self, request: Request, key_id: str) -> HTTPResponse:
        """Delete an API key; what it has open is closed."""
        principal = await self._caller(request)
        if not await self._services.keys.remove(principal.user_id, key_id):
            raise NotFound("There is no such key; it may have been deleted.")
        await self._services.session_notices.ended(principal.user_id)
        return json_response(Done())

    async def _caller(self, request: Request) -> Principal:
        return await self._services.callers.caller(request, "account")

    async def _body(self, request: Request) -> dict[str, Any]:
        return await read_object(request, self._services.settings.max_body_bytes)
