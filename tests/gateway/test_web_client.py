"""The built web client is served with headers that fit, and gets in no call's way."""

import gzip
from pathlib import Path

import httpx
import pytest

from gateway.web_client import WebAnswer, WebClient
from tests.gateway.gateway_process import GatewayProcess

NAVIGATION = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = b"console.log('a script')\n" * 50


@pytest.fixture
def built(tmp_path: Path) -> WebClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Rivulet</title>")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    script = tmp_path / "assets" / "index-1a2b3c.js"
    script.write_bytes(SCRIPT)
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(SCRIPT))
    script.with_name(script.name + ".br").write_bytes(b"brotli")
    return WebClient(tmp_path)


def get(client: WebClient, path: str, **headers: str) -> WebAnswer:
    answer = client.answer("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})
    assert answer is not None
    return answer


@pytest.mark.parametrize("path", ["/", "/login", "/c/01KAHV3Y6Q", "/settings/keys", "/s/a.b-c"])
def test_every_page_is_the_index_and_is_asked_for_each_time(built: WebClient, path: str) -> None:
    answer = get(built, path, **NAVIGATION)
    assert answer.status == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert b"Rivulet" in answer.body


def test_a_hashed_file_is_kept_for_ever(built: WebClient) -> None:
    answer = get(built, "/assets/index-1a2b3c.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.body == SCRIPT


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
def test_the_smallest_form_that_a_client_takes_is_sent(
    built: WebClient, accepted: str, encoding: str | None
) -> None:
    answer = get(built, "/assets/index-1a2b3c.js", accept_encoding=accepted)
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    if encoding == "gzip":
        assert gzip.decompress(answer.body) == SCRIPT


def test_what_a_browser_has_already_is_not_sent_again(built: WebClient) -> None:
    tag = get(built, "/", **NAVIGATION).headers["ETag"]
    again = get(built, "/", **NAVIGATION, if_none_match=f"W/{tag}")
    assert (again.status, again.body) == (304, b"")


def test_pages_run_no_script_or_style_of_others_and_send_no_referrer(built: WebClient) -> None:
    headers = get(built, "/", **NAVIGATION).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/api/nothing", "/v1/nothing", "/ws/more", "/assets/old-9.js"])
def test_calls_and_lost_files_are_no_pages(built: WebClient, path: str) -> None:
    assert built.answer("GET", path, NAVIGATION) is None


def test_only_navigations_get_pages(built: WebClient) -> None:
    assert built.answer("POST", "/login", NAVIGATION) is None
    assert built.answer("GET", "/nothing", {"accept": "application/json"}) is None


@pytest.mark.parametrize(
    "path", ["/../secret", "/assets/../../secret", "/assets/index-1a2b3c.js.gz"]
)
def test_nothing_but_the_built_files_is_served(built: WebClient, path: str) -> None:
    assert built.answer("GET", path, {}) is None


def test_a_client_that_is_not_built_is_said_so(tmp_path: Path) -> None:
    answer = get(WebClient(tmp_path / "dist"), "/", **NAVIGATION)
    assert answer.status == 503
    assert b"make up" in answer.body


async def test_unknown_calls_are_refused_as_json_and_pages_have_the_policy(
    gateway: GatewayProcess,
) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        call = await stranger.get("/api/nothing", headers=NAVIGATION)
        assert call.status_code == 404
        assert call.json()["error"]["code"] == "not_found"
        page = await stranger.get("/login", headers=NAVIGATION)
        assert page.status_code in (200, 503)
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        head = await stranger.head("/", headers=NAVIGATION)
        assert (head.status_code, head.content) == (page.status_code, b"")
        assert (await stranger.post("/login")).status_code == 404
