"""The OpenAPI document is valid and true."""

import asyncio
import html.parser
import re
from pathlib import Path

import httpx
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from prometheus_client import CollectorRegistry

from gateway import requests
from gateway.app import build_gateway
from gateway.openapi import openapi_document
from gateway.settings import GatewaySettings
from schemas.settings import read_settings
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker


def test_the_document_is_valid() -> None:
    validate(openapi_document())


async def test_every_route_is_in_the_document_and_nothing_else_is(tmp_path: Path) -> None:
    described = {
        (path, method.upper())
        for path, methods in openapi_document()["paths"].items()
        for method in methods
    }
    assert described == await routes(tmp_path)


def test_every_request_field_is_in_the_document() -> None:
    schemas = openapi_document()["components"]["schemas"]
    for shape in (requests.ChatCompletionRequest, requests.PromptRequest):
        assert set(schemas[shape.__name__]["properties"]) == set(shape.__struct_fields__)


def test_the_command_line_prints_the_document(gateway: GatewayProcess) -> None:
    printed = gateway.run("openapi")
    assert printed.returncode == 0
    assert '"openapi": "3.1.0"' in printed.stdout


async def test_the_gateway_serves_the_document_without_a_key(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        assert (await stranger.get("/openapi.json")).json() == openapi_document()


async def test_the_page_needs_nothing_from_elsewhere(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        page = await stranger.get("/docs")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        links = Links()
        links.feed(page.text)
        assert {"/docs/docs.css", "/docs/docs.js", "/openapi.json"} == set(links.found)
        assert links.inline == []
        for link in links.found:
            response = await stranger.get(link)
            assert response.status_code == 200
            assert re.search(r"https?://", response.text) is None


async def test_answers_are_what_the_document_says(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    body = {"model": worker.model, "messages": [{"role": "user", "content": "Hello"}]}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.answer("ok"))
        completion = await http.post("/v1/chat/completions", json=body)
    matches("ChatCompletion", completion)
    matches("ErrorResponse", await http.post("/v1/chat/completions", json={}))
    matches("ModelList", await http.get("/v1/models"))
    matches("Model", await http.get(f"/v1/models/{worker.model}"))
    matches("Readiness", await http.get("/readyz"))
    matches("Alive", await http.get("/healthz"))
    prompt = {"model": worker.model, "content": "Hello"}
    matches("AcceptedPrompt", await http.post("/api/prompts", json=prompt))


def matches(name: str, response: httpx.Response) -> None:
    document = openapi_document()
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    Draft202012Validator(schema).validate(response.json())


async def routes(data_dir: Path) -> set[tuple[str, str]]:
    """Return what an application that is connected to nothing has registered."""
    environment = {
        "RIVULET_DATA_DIR": str(data_dir),
        "RIVULET_NATS_URL": "nats://127.0.0.1:1",
        "RIVULET_MONGO_URL": "mongodb://127.0.0.1:1",
    }
    settings = GatewaySettings.read(read_settings(environment))
    gateway = build_gateway(settings, CollectorRegistry())
    await gateway.store.close()
    found: set[tuple[str, str]] = set()
    for route in gateway.app.router.routes:
        path = "/" + re.sub(r"<(\w+)(?::\w+)?>", r"{\1}", route.path)
        found |= {(path, str(method)) for method in route.methods}
    return found


class Links(html.parser.HTMLParser):
    """Collects what a page refers to, and script or style that stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found += [str(attributes[name]) for name in ("href", "src") if name in attributes]
        if "style" in attributes or (tag in ("script", "style") and "src" not in attributes):
            self.inline.append(tag)
