"""``/api/admin/...``: what admins see and change of other people's accounts."""

from sanic import HTTPResponse, Request

from gateway.conversations.views import erasure_shown
from gateway.errors import BadRequest
from gateway.json_response import json_response
from gateway.profiles import invitation_shown, user_shown
from gateway.query import whole_number
from gateway.request_body import read_object
from gateway.request_parsing import typed
from gateway.requests import InvitationRequest, UserChange
from gateway.responses import Done, InvitationList, NewInvitation, UserPage
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services

_CREATED, _ACCEPTED = 201, 202
_PAGE, _LONGEST_PAGE = 50, 200


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    admin = Admin(services)
    app.add_route(admin.users, "/api/admin/users", methods=["GET"], name="list_users")
    app.add_route(
        reading_body(admin.change_user),
        "/api/admin/users/<user_id>",
        methods=["PATCH"],
        name="change_user",
        stream=True,
    )
    app.add_route(
        admin.erase_user, "/api/admin/users/<user_id>", methods=["DELETE"], name="erase_user"
    )
    path = "/api/admin/invitations"
    app.add_route(admin.invitations, path, methods=["GET"], name="list_invitations")
    app.add_route(reading_body(admin.invite), path, methods=["POST"], name="invite", stream=True)
    app.add_route(
        admin.withdraw, f"{path}/<invitation_id>", methods=["DELETE"], name="withdraw_invitation"
    )


class Admin:
    """Every answer needs the scope ``admin``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._administration = services.administration

    async def users(self, request: Request) -> HTTPResponse:
        """List accounts, a page at a time."""
        await self._services.callers.caller(request, "admin")
        limit = whole_number(request, "limit", _PAGE, _LONGEST_PAGE)
        accounts = await self._administration.users(whole_number(request, "after", 0), limit)
        following = str(accounts[-1].rank) if len(accounts) == limit else None
        page = UserPage(data=[user_shown(account) for account in accounts], next=following)
        return json_response(page)

    async def change_user(self, request: Request, user_id: str) -> HTTPResponse:
        """Disable, enable or promote an account."""
        admin = await self._services.callers.caller(request, "admin")
        wanted = typed(await self._body(request), UserChange)
        change = self._administration.change_user(
            admin.user_id, user_id, disabled=wanted.disabled, role=wanted.role
        )
        account = await self._services.background.finish(change, "change-user")
        return json_response(user_shown(account))

    async def erase_user(self, request: Request, user_id: str) -> HTTPResponse:
        """Erase somebody else's account and everything that belongs to it, for good."""
        admin = await self._services.callers.caller(request, "admin")
        if user_id == admin.user_id:
            raise BadRequest("Erase your own account by DELETE /api/me.", param="user_id")
        account = await self._administration.user(user_id)
        report = await self._services.erasing.erase(account.user_id)
        return json_response(erasure_shown(report), _ACCEPTED if report is None else 200)

    async def invitations(self, request: Request) -> HTTPResponse:
        """List invitations, without their codes."""
        await self._services.callers.caller(request, "admin")
        invitations = await self._administration.invitations()
        return json_response(InvitationList(data=[invitation_shown(i) for i in invitations]))

    async def invite(self, request: Request) -> HTTPResponse:
        """Make an invitation and show its code, once."""
        admin = await self._services.callers.caller(request, "admin")
        wanted = typed(await self._body(request), InvitationRequest)
        made, code = await self._administration.invite(admin.user_id, wanted.role, wanted.note)
        body = NewInvitation(code=code, invitation=invitation_shown(made))
        return json_response(body, _CREATED, {"Cache-Control": "no-store"})

    async def withdraw(self, request: Request, invitation_id: str) -> HTTPResponse:
        """Take back an invitation that nobody has used."""
        await self._services.callers.caller(request, "admin")
        await self._administration.withdraw(invitation_id)
        return json_response(Done())

    async def _body(self, request: Request) -> dict[str, object]:
        return await read_object(request, self._services.settings.max_body_bytes)
