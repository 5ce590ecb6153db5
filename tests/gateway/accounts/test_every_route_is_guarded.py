"""What no route may let through: strangers, forged tokens, foreign pages, and bodies that are none.

The routes are those of the OpenAPI description, so a new one is guarded or fails here.
"""

import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jwt
import pytest

from gateway.accounts.access_tokens import AccessClaims, AccessTokens
from gateway.openapi import openapi_document
from tests.gateway.accounts.conftest import PASSWORD, Person
from tests.gateway.gateway_process import GatewayProcess, running_gateway

_BODY_LIMIT = 20_000
_SAFE = ("get", "head")
# Of no user: what is asked of it ends before anything is looked for.
_ID = "0" * 36


class Route(NamedTuple):
    """One operation of the description."""

    method: str
    path: str
    body: dict[str, Any] | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes(*, public: bool) -> Iterator[Route]:
    document = openapi_document()
    for template, operations in document["paths"].items():
        path = re.sub(r"{\w+}", _ID, template)
        for method, operation in operations.items():
            if (operation.get("security") == []) == public:
                content = operation.get("requestBody", {}).get("content", {})
                reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
                body = document["components"]["schemas"].get(reference.rpartition("/")[2])
                yield Route(method, path, body)


GUARDED = [pytest.param(route, id=route.name) for route in routes(public=False)]
TAKING_BODIES = [
    pytest.param(route, id=route.name)
    for route in (*routes(public=False), *routes(public=True))
    if route.body is not None
]


@pytest.fixture
async def browser(open_gateway: GatewayProcess, ada: Person) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which Ada has signed in."""
    async with httpx.AsyncClient(base_url=open_gateway.url, timeout=20) as http:
        body = {"email": ada.email, "password": PASSWORD, "session": "cookie"}
        assert (await http.post("/api/auth/login", json=body)).status_code == 200
        yield http


@pytest.fixture(scope="module")
def small_gateway(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """A gateway that takes small bodies only."""
    process = GatewayProcess(
        tmp_path_factory.mktemp("small"),
        nats_url,
        mongo_url,
        SECRET="the same",
        MAX_BODY_BYTES=str(_BODY_LIMIT),
    )
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        yield gateway


def forged_tokens(person: Person) -> dict[str, str]:
    """Return tokens that say who Ada is, and are not ours or not good any more."""
    good = jwt.decode(person.body["access_token"], options={"verify_signature": False})
    kid = jwt.get_unverified_header(person.body["access_token"])["kid"]
    ours, key = AccessTokens(b"the same"), AccessTokens(b"the same")._key(int(kid))
    claims = AccessClaims(good["sub"], good["sid"])

    def signed(signing_key: bytes | str, algorithm: str = "HS256", **changes: Any) -> str:
        payload = {**good, **changes}
        return jwt.encode(payload, signing_key, algorithm, headers={"kid": kid})

    return {
        "no algorithm": signed("", "none"),
        "wrong key": signed(b"k" * 32),
        "wrong algorithm": signed(key, "HS512"),
        "wrong audience": signed(key, aud="elsewhere"),
        "wrong issuer": signed(key, iss="elsewhere"),
        "expired": ours.issue(claims, time.time() - 3_600),
        "never expires": signed(key, exp=None),
        "ended session": signed(key, sid="0" * 26),
        "no token": "x.y.z",
        "a refresh token": person.body["refresh_token"],
        "an API key": "rvk_" + "0" * 43,
    }


def test_the_description_has_every_route_that_was_meant() -> None:
    assert len(GUARDED) > 30
    public = {route.path for route in routes(public=True)}
    assert {path for path in public if path.startswith("/api")} == {
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/refresh",
        f"/api/shared/{_ID}",
    }


# One of the forged tokens is signed with another algorithm, for which the key is short.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("route", GUARDED)
async def test_no_route_answers_a_stranger_or_a_forged_token(
    stranger: httpx.AsyncClient, ada: Person, route: Route
) -> None:
    body = None if route.body is None else {}
    answers = {"nothing": await stranger.request(route.method, route.path, json=body)}
    for what, token in forged_tokens(ada).items():
        headers = {"Authorization": f"Bearer {token}"}
        answers[what] = await stranger.request(route.method, route.path, json=body, headers=headers)
    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(
        answers, 401
    )


@pytest.mark.parametrize("route", [r for r in GUARDED if r.values[0].method not in _SAFE])
async def test_no_route_is_changed_by_another_sites_page(
    browser: httpx.AsyncClient, route: Route
) -> None:
    body = None if route.body is None else {}
    csrf = {"X-CSRF-Token": str(browser.cookies["rivulet_csrf"])}
    foreign = {**csrf, "Origin": "https://elsewhere.example"}
    for headers, code in (({}, "csrf_token_required"), (foreign, "forbidden_origin")):
        answer = await browser.request(route.method, route.path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
    assert (await browser.get("/api/me")).status_code == 200


@pytest.mark.parametrize("route", TAKING_BODIES)
async def test_no_route_takes_a_body_that_is_too_large_or_no_json(
    small_gateway: GatewayProcess, admin: Person, route: Route
) -> None:
    headers = {"Authorization": f"Bearer {admin.body['access_token']}"}
    limit = 32 << 20 if route.path == "/api/import" else _BODY_LIMIT
    async with httpx.AsyncClient(base_url=small_gateway.url, headers=headers, timeout=30) as http:
        for content, status in (
            (b'{"a":"' + b"x" * limit + b'"}', 413),
            (b'{"a":"\xff\xfe"}', 400),
            (b'{"a":', 400),
            (b"[" * 10_000, 400),
            (b"1", 400),
        ):
            answer = await http.request(route.method, route.path, content=content)
            assert answer.status_code == status, (content[:10], answer.text)
            assert answer.json()["error"]["message"]


@pytest.mark.parametrize("route", [r for r in TAKING_BODIES if "/import" not in str(r.id)])
async def test_no_route_takes_an_operator_where_a_text_belongs(
    open_gateway: GatewayProcess, admin: Person, route: Route
) -> None:
    fields = (route.body or {}).get("properties", {})
    texts = [name for name, field in fields.items() if _is_text(field)]
    for name in texts:
        body = {**_valid(route), name: {"$gt": ""}}
        answer = await admin.http.request(route.method, route.path, json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, name)


def _is_text(field: dict[str, Any]) -> bool:
    kinds = [field, *field.get("anyOf", ())]
    objects = any(kind.get("type") == "object" or "$ref" in kind for kind in kinds)
    return any(kind.get("type") == "string" for kind in kinds) and not objects


def _valid(route: Route) -> dict[str, Any]:
    """Return values of the required fields, so that only one is wrong."""
    messages = [{"role": "user", "content": "x"}]
    values = {"messages": messages, "email": "a@example.org", "rating": "up"}
    return {name: values.get(name, "12345678") for name in (route.body or {}).get("required", ())}


async def test_no_secret_and_no_message_is_logged(
    open_gateway: GatewayProcess, ada: Person, tmp_path: Path
) -> None:
    secret = "a text that nobody else writes"
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    await ada.http.post("/api/prompts", json={"model": "none", "content": secret})
    await ada.http.post("/api/conversations", json={"title": secret, "system": secret})
    await ada.http.get("/api/search", params={"q": secret})
    await ada.http.post("/api/auth/login", json={"email": ada.email, "password": "wrong" + secret})
    headers = {"Authorization": f"Bearer {key}"}
    await ada.http.get("/v1/models", headers=headers)
    await ada.http.get("/api/nothing?" + secret, headers=headers)

    logged = open_gateway.log_path.read_text()
    tokens = (ada.body["access_token"], ada.body["refresh_token"])
    for hidden in (secret, PASSWORD, key, ada.email, *tokens):
        assert hidden not in logged
