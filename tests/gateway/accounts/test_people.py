"""What people see and change of their own accounts, what admins do, and what nobody may."""

from typing import Any

import httpx
import pytest

from tests.gateway.accounts.conftest import PASSWORD, Person, an_email, register
from tests.gateway.gateway_process import GatewayProcess


async def test_preferences_are_kept_by_name(ada: Person) -> None:
    first = {"theme": "dark", "$odd.name": [1, {"a": None}]}
    await ada.http.patch("/api/me", json={"preferences": first})
    changed = await ada.http.patch("/api/me", json={"preferences": {"theme": None, "size": 2}})
    assert changed.json()["preferences"] == {"$odd.name": [1, {"a": None}], "size": 2}
    too_many = {"preferences": {"x": "y" * 20_000}}
    assert (await ada.http.patch("/api/me", json=too_many)).status_code == 400
    assert (await ada.http.get("/api/me")).json()["preferences"]["size"] == 2


async def test_a_key_is_shown_once_works_and_stops_when_it_is_deleted(
    stranger: httpx.AsyncClient, ada: Person, bob: Person
) -> None:
    made = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (await stranger.get("/v1/models", headers=headers)).status_code == 200
    (shown,) = (await ada.http.get("/api/keys")).json()["data"]
    assert (shown["name"], shown["scopes"]) == ("laptop", ["chat"])
    assert shown["used_at_ms"] > 0
    assert made["key"] not in (await ada.http.get("/api/keys")).text
    path = f"/api/keys/{made['key_id']}"
    assert (await bob.http.delete(path)).status_code == 404
    assert (await ada.http.delete(path)).status_code == 200
    assert (await stranger.get("/v1/models", headers=headers)).status_code == 401


async def test_a_key_cannot_change_the_account_that_it_belongs_to(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    made = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    for path in ("/api/me", "/api/keys", "/api/me/sessions"):
        refused = await stranger.get(path, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "insufficient_scope")


async def test_nobody_gives_a_key_what_they_may_not_do(ada: Person, admin: Person) -> None:
    wanted = {"name": "operations", "scopes": ["admin", "chat"]}
    assert (await ada.http.post("/api/keys", json=wanted)).status_code == 403
    assert (await admin.http.post("/api/keys", json=wanted)).status_code == 201


async def test_only_admins_see_and_change_others(ada: Person, admin: Person) -> None:
    for method, path, body in (
        ("GET", "/api/admin/users", None),
        ("PATCH", f"/api/admin/users/{admin.user_id}", {"disabled": True}),
        ("GET", "/api/admin/invitations", None),
        ("POST", "/api/admin/invitations", {}),
        ("DELETE", "/api/admin/invitations/x", None),
    ):
        assert (await ada.http.request(method, path, json=body)).status_code == 403
    seen: list[str] = []
    after: str | None = None
    while True:
        query: dict[str, Any] = {"limit": 3, **({} if after is None else {"after": after})}
        page = (await admin.http.get("/api/admin/users", params=query)).json()
        seen += [user["user_id"] for user in page["data"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert {ada.user_id, admin.user_id} <= set(seen)


async def test_a_disabled_user_is_signed_out_and_cannot_come_back_until_enabled(
    stranger: httpx.AsyncClient, ada: Person, admin: Person
) -> None:
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    path = f"/api/admin/users/{ada.user_id}"
    disabled = await admin.http.patch(path, json={"disabled": True})
    assert disabled.json()["disabled"]
    login = {"email": ada.email, "password": PASSWORD}
    assert (await ada.http.get("/api/me")).status_code == 401
    headers = {"Authorization": f"Bearer {key}"}
    assert (await stranger.get("/v1/models", headers=headers)).status_code == 401
    assert (await stranger.post("/api/auth/login", json=login)).status_code == 401
    refreshing = {"refresh_token": ada.body["refresh_token"]}
    assert (await stranger.post("/api/auth/refresh", json=refreshing)).status_code == 401
    await admin.http.patch(path, json={"disabled": False})
    assert (await stranger.post("/api/auth/login", json=login)).status_code == 200
    assert (await stranger.get("/v1/models", headers=headers)).status_code == 200


async def test_an_admin_cannot_lock_the_last_door(admin: Person) -> None:
    path = f"/api/admin/users/{admin.user_id}"
    assert (await admin.http.patch(path, json={"role": "user"})).status_code == 400
    assert (
        await admin.http.patch("/api/admin/users/nobody", json={"disabled": True})
    ).status_code == 404


async def test_an_invitation_can_be_taken_back(stranger: httpx.AsyncClient, admin: Person) -> None:
    made = (await admin.http.post("/api/admin/invitations", json={"note": "for Eve"})).json()
    listed = (await admin.http.get("/api/admin/invitations")).json()["data"]
    assert made["invitation"] in listed
    path = f"/api/admin/invitations/{made['invitation']['invitation_id']}"
    assert (await admin.http.delete(path)).status_code == 200
    assert (await register(stranger, code=made["code"])).status_code == 403
    assert (await admin.http.delete(path)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": "a@b@c"},
        {"email": {"$gt": ""}},
        {"email": "x" * 300 + "@example.org"},
        {"password": "short"},
        {"password": "x" * 257},
        {"password": {"$ne": None}},
        {"name": ""},
        {"name": "x" * 101},
        {"code": ["rvi_x"]},
        {"session": "magic"},
        {"role": "admin"},
    ],
)
async def test_a_registration_that_is_none_is_refused_with_the_fields_name(
    stranger: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    answer = await register(stranger, **change)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == next(iter(change))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff\xfe{}", b"{}" * 9])
async def test_a_body_that_is_no_object_is_refused(
    stranger: httpx.AsyncClient, body: bytes
) -> None:
    for name in ("register", "login"):
        answer = await stranger.post(f"/api/auth/{name}", content=body)
        assert answer.status_code == 400


async def test_nothing_of_a_password_or_token_is_logged(
    open_gateway: GatewayProcess, stranger: httpx.AsyncClient, ada: Person
) -> None:
    await stranger.post("/api/auth/login", json={"email": an_email(), "password": "a wrong one"})
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    log = open_gateway.log_path.read_text()
    secrets = (PASSWORD, "a wrong one", key, ada.body["access_token"], ada.body["refresh_token"])
    assert not any(secret in log for secret in secrets)
    assert ada.email not in log


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/v1/models", {"Authorization": b"Bearer \xff.a.b"}),
        ("POST", "/api/auth/login", {"User-Agent": b"\xff"}),
        (
            "POST",
            "/api/keys",
            {"Cookie": b"rivulet_access=a.b.c; rivulet_csrf=\xff", "X-CSRF-Token": b"\xff"},
        ),
    ],
)
async def test_headers_that_are_not_utf_8_are_refused(
    stranger: httpx.AsyncClient, ada: Person, method: str, path: str, headers: dict[str, bytes]
) -> None:
    body = {"email": ada.email, "password": PASSWORD}
    answer = await stranger.request(method, path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")


async def test_preferences_that_are_nested_too_deeply_are_refused(ada: Person) -> None:
    deep = b'{"preferences": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}"
    answer = await ada.http.patch("/api/me", content=deep)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "preferences")
