"""A browser's session is in cookies that neither scripts nor other sites' pages can use."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.accounts.conftest import PASSWORD, Person
from tests.gateway.gateway_process import GatewayProcess


@pytest.fixture
async def browser(open_gateway: GatewayProcess, ada: Person) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which Ada has signed in."""
    async with httpx.AsyncClient(base_url=open_gateway.url, timeout=20) as http:
        body = {"email": ada.email, "password": PASSWORD, "session": "cookie"}
        answer = await http.post("/api/auth/login", json=body)
        assert answer.status_code == 200
        assert answer.json()["access_token"] is None
        assert answer.json()["refresh_token"] is None
        yield http


def csrf(browser: httpx.AsyncClient) -> dict[str, str]:
    return {"X-CSRF-Token": str(browser.cookies["rivulet_csrf"])}


async def test_the_cookies_are_kept_from_scripts_and_from_other_sites(
    open_gateway: GatewayProcess, ada: Person
) -> None:
    async with httpx.AsyncClient(base_url=open_gateway.url) as http:
        body = {"email": ada.email, "password": PASSWORD, "session": "cookie"}
        for scheme, secure in (("http", False), ("https", True)):
            headers = {"X-Forwarded-Proto": scheme}
            answer = await http.post("/api/auth/login", json=body, headers=headers)
            cookies = {
                line.split("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")
            }
            assert set(cookies) == {"rivulet_access", "rivulet_refresh", "rivulet_csrf"}
            for name, line in cookies.items():
                assert "samesite=strict" in line
                assert ("httponly" in line) == (name != "rivulet_csrf")
                assert ("secure" in line) == secure
            assert "path=/api/auth" in cookies["rivulet_refresh"]


async def test_a_page_of_ours_reads_and_changes(browser: httpx.AsyncClient, ada: Person) -> None:
    assert (await browser.get("/api/me")).json()["email"] == ada.email
    changed = await browser.patch("/api/me", json={"name": "Ada L."}, headers=csrf(browser))
    assert changed.json()["name"] == "Ada L."
    assert (await browser.get("/v1/models")).status_code == 200


@pytest.mark.parametrize("header", [None, "", "guessed", "é", "a.b"])
async def test_a_change_without_the_csrf_token_is_refused(
    browser: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {"X-CSRF-Token": header.encode()}
    for method, path in (
        ("PATCH", "/api/me"),
        ("POST", "/api/prompts"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/refresh"),
        ("POST", "/api/keys"),
    ):
        answer = await browser.request(method, path, json={}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            403,
            "csrf_token_required",
        )


async def test_a_csrf_cookie_that_somebody_else_has_set_is_refused(
    browser: httpx.AsyncClient,
) -> None:
    cookies = f"rivulet_access={browser.cookies['rivulet_access']}; rivulet_csrf=mine"
    headers = {"Cookie": cookies, "X-CSRF-Token": "mine"}
    answer = await browser.patch("/api/me", json={}, headers=headers)
    assert answer.status_code == 403


async def test_a_page_of_another_site_reads_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/me", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden_origin")


async def test_a_page_of_another_site_signs_nobody_in(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    body = {"email": ada.email, "password": PASSWORD, "session": "cookie"}
    headers = {"Origin": "https://evil.example"}
    refused = await stranger.post("/api/auth/login", json=body, headers=headers)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


async def test_a_browser_renews_its_session_and_signs_out(browser: httpx.AsyncClient) -> None:
    before = dict(browser.cookies)
    renewed = await browser.post("/api/auth/refresh", json={}, headers=csrf(browser))
    assert renewed.status_code == 200
    assert browser.cookies["rivulet_refresh"] != before["rivulet_refresh"]
    assert (await browser.get("/api/me")).status_code == 200
    done = await browser.post("/api/auth/logout", json={}, headers=csrf(browser))
    assert done.status_code == 200
    assert not browser.cookies
    assert (await browser.get("/api/me")).status_code == 401


@pytest.mark.parametrize("access", [None, "an.old.one"])
async def test_a_browser_signs_out_also_when_its_access_cookie_has_expired(
    browser: httpx.AsyncClient, stranger: httpx.AsyncClient, access: str | None
) -> None:
    token = str(browser.cookies["rivulet_refresh"])
    headers = csrf(browser)
    browser.cookies.delete("rivulet_access")
    if access is not None:
        browser.cookies.set("rivulet_access", access)
    assert (await browser.post("/api/auth/logout", json={})).status_code == 403
    assert (await browser.post("/api/auth/logout", json={}, headers=headers)).status_code == 200
    renewed = await stranger.post("/api/auth/refresh", json={"refresh_token": token})
    assert renewed.status_code == 401
