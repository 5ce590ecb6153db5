"""Describe the routes of accounts for the OpenAPI document. Pure."""

from typing import Any

import msgspec

from gateway import requests, responses
from gateway.openapi_parts import Operation, json_answer, path_parameter, query_parameter

ACCOUNT_TYPES: tuple[type[msgspec.Struct], ...] = (
    requests.RegisterRequest,
    requests.LoginRequest,
    requests.RefreshRequest,
    requests.ProfileRequest,
    requests.PasswordRequest,
    requests.EraseRequest,
    requests.KeyRequest,
    requests.UserChange,
    requests.InvitationRequest,
    responses.Profile,
    responses.SignedInUser,
    responses.Done,
    responses.SessionList,
    responses.NewKey,
    responses.KeyList,
    responses.UserShown,
    responses.UserPage,
    responses.NewInvitation,
    responses.InvitationList,
)
_BODY = (400, 413)
_CALLER = (401, 403, 503)
_STRING = {"type": "string"}
_POSITIVE = {"type": "integer", "minimum": 1}


def account_operations() -> list[Operation]:
    """Return what can be done with accounts."""
    return [*_auth_operations(), *_own_operations(), *_admin_operations()]


def _auth_operations() -> list[Operation]:
    def post(
        name: str, summary: str, answer: dict[int, dict[str, Any]], *refusals: int, **more: Any
    ) -> Operation:
        path = f"/api/auth/{name.replace('_', '-')}"
        codes = tuple(sorted({*_BODY, *_CALLER, *refusals}))
        return Operation(path, "post", f"auth_{name}", summary, answer, codes, **more)

    signed_in = json_answer("Signed in", responses.SignedInUser)
    return [
        post(
            "register",
            "Make an account and sign in; with a code unless registration is open",
            {201: signed_in},
            409,
            429,
            body=requests.RegisterRequest,
            public=True,
        ),
        post(
            "login",
            "Sign in with a password",
            {200: signed_in},
            429,
            body=requests.LoginRequest,
            public=True,
        ),
        post(
            "refresh",
            "Renew a session. A refresh token is good once: a second use ends its session",
            {200: signed_in},
            body=requests.RefreshRequest,
            public=True,
        ),
        post("logout", "End this session", {200: _done()}),
        post("logout_everywhere", "End every session of the user", {200: _done()}),
    ]


def _own_operations() -> list[Operation]:
    profile = json_answer("The account", responses.Profile)
    return [
        Operation("/api/me", "get", "show_me", "Show my account", {200: profile}, (404, *_CALLER)),
        Operation(
            "/api/me",
            "patch",
            "change_me",
            "Change my name or preferences",
            {200: profile},
            (404, *_BODY, *_CALLER),
            body=requests.ProfileRequest,
        ),
        Operation(
            "/api/me",
            "delete",
            "erase_me",
            "Erase my account and everything that belongs to it, for good",
            _erased(),
            (404, 429, *_BODY, *_CALLER),
            body=requests.EraseRequest,
        ),
        Operation(
            "/api/me/password",
            "post",
            "change_password",
            "Change my password; all other sessions end",
            {200: _done()},
            (404, 429, *_BODY, *_CALLER),
            body=requests.PasswordRequest,
        ),
        Operation(
            "/api/me/sessions",
            "get",
            "list_sessions",
            "List where I am signed in",
            {200: json_answer("The sessions", responses.SessionList)},
            _CALLER,
        ),
        Operation(
            "/api/me/sessions/{session_id}",
            "delete",
            "end_session",
            "Sign out elsewhere",
            {200: _done()},
            (404, *_CALLER),
            parameters=(path_parameter("session_id", _STRING),),
        ),
        Operation(
            "/api/keys",
            "get",
            "list_keys",
            "List my API keys",
            {200: json_answer("The keys", responses.KeyList)},
            _CALLER,
        ),
        Operation(
            "/api/keys",
            "post",
            "make_key",
            "Make an API key, which is shown this once",
            {201: json_answer("The key", responses.NewKey)},
            (*_BODY, *_CALLER),
            body=requests.KeyRequest,
        ),
        Operation(
            "/api/keys/{key_id}",
            "delete",
            "delete_key",
            "Delete one of my API keys",
            {200: _done()},
            (404, *_CALLER),
            parameters=(path_parameter("key_id", _STRING),),
        ),
    ]


def _admin_operations() -> list[Operation]:
    invitations = "/api/admin/invitations"
    return [
        Operation(
            "/api/admin/users",
            "get",
            "list_users",
            "List accounts, oldest first (admins)",
            {200: json_answer("A page of accounts", responses.UserPage)},
            (400, *_CALLER),
            parameters=(
                query_parameter("after", _POSITIVE, "`next` of the page before"),
                query_parameter("limit", _POSITIVE, "1 to 200"),
            ),
        ),
        Operation(
            "/api/admin/users/{user_id}",
            "patch",
            "change_user",
            "Disable, enable or promote an account (admins); a disabled one is signed out",
            {200: json_answer("The account", responses.UserShown)},
            (404, 409, *_BODY, *_CALLER),
            body=requests.UserChange,
            parameters=(path_parameter("user_id", _STRING),),
        ),
        Operation(
            "/api/admin/users/{user_id}",
            "delete",
            "erase_user",
            "Erase an account and everything that belongs to it, for good (admins)",
            _erased(),
            (400, 404, *_CALLER),
            parameters=(path_parameter("user_id", _STRING),),
        ),
        Operation(
            invitations,
            "get",
            "list_invitations",
            "List invitations (admins)",
            {200: json_answer("The invitations", responses.InvitationList)},
            _CALLER,
        ),
        Operation(
            invitations,
            "post",
            "invite",
            "Invite somebody (admins); the code is shown this once and is good for 7 days",
            {201: json_answer("The invitation", responses.NewInvitation)},
            (*_BODY, *_CALLER),
            body=requests.InvitationRequest,
        ),
        Operation(
            invitations + "/{invitation_id}",
            "delete",
            "withdraw_invitation",
            "Take back an invitation that nobody has used (admins)",
            {200: _done()},
            (404, *_CALLER),
            parameters=(path_parameter("invitation_id", _STRING),),
        ),
    ]


def _erased() -> dict[int, dict[str, Any]]:
    return {
        200: json_answer("It is erased", responses.ErasureShown),
        202: json_answer("It is on its way", responses.ErasureShown),
    }


def _done() -> dict[str, Any]:
    return json_answer("Done", responses.Done)
