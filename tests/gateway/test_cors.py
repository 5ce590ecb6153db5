"""Pages of the origins that are listed may call, and others may not."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.gateway_process import GatewayProcess, running_gateway

LISTED, FOREIGN = "https://chat.example.com", "https://evil.example"


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, nats_url: str, mongo_url: str
) -> Iterator[GatewayProcess]:
    folder: Path = tmp_path_factory.mktemp("cors")
    process = GatewayProcess(folder, nats_url, mongo_url, ORIGINS=LISTED)
    with running_gateway(process) as running:
        running.wait_for_parts(broker=True, store=True)
        yield running


@pytest.fixture
def page(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {gateway.dev_key()}"}
    with httpx.Client(base_url=gateway.url, headers=headers) as client:
        yield client


def preflight(page: httpx.Client, origin: str) -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
    return page.options("/api/prompts", headers={"Origin": origin, **asked})


def test_a_listed_page_may_send_and_read(page: httpx.Client) -> None:
    asked = preflight(page, LISTED)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == LISTED
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed.split(", "))
    for path, status in (("/v1/models", 200), ("/api/nothing", 404)):
        answer = page.get(path, headers={"Origin": LISTED})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == LISTED
        assert "x-reply-id" in answer.headers["access-control-expose-headers"].lower()


def test_a_listed_page_reads_streams_too(page: httpx.Client) -> None:
    with page.stream("GET", "/api/events", headers={"Origin": LISTED}) as answer:
        assert answer.headers["access-control-allow-origin"] == LISTED


def test_other_pages_get_no_header(page: httpx.Client) -> None:
    for answer in (
        preflight(page, FOREIGN),
        page.get("/v1/models", headers={"Origin": FOREIGN}),
        page.get("/v1/models", headers={"Origin": "null"}),
        page.get("/v1/models"),
    ):
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"
