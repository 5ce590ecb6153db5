"""Every bad input gets the OpenAI error shape and the right status, and nothing is published."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.requests import MAX_STOP_STRINGS
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker, prompts_in_log

HELLO = [{"role": "user", "content": "Hello"}]
BODY_LIMIT = 4_194_304


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.fixture
async def nothing_published(worker: StandInWorker) -> AsyncIterator[None]:
    yield
    assert await prompts_in_log(worker.broker, worker.model) == 0


def chat(model_id: str, **changes: Any) -> dict[str, Any]:
    return {"model": model_id, "messages": HELLO, **changes}


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"message", "type", "code", "param"}
    assert error["message"].endswith((".", "`."))
    return error


@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": None}, "missing_required_parameter", "messages"),
        ({"messages": "Hello"}, "invalid_type", "messages"),
        ({"messages": [5]}, "invalid_type", "messages[0]"),
        ({"messages": deep(900)}, "invalid_type", "messages[0]"),
        ({"messages": [{"role": "user", "content": 5}]}, "invalid_type", "messages[0].content"),
        (
            {"messages": [*HELLO, {"role": "user"}]},
            "missing_required_parameter",
            "messages[1].content",
        ),
        ({"messages": [{"role": "boss", "content": ""}]}, "invalid_value", "messages[0].role"),
        (
            {"messages": [{"role": "tool", "content": "", "tool_call_id": "1"}]},
            "unsupported_parameter",
            "messages[0].role",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "unsupported_parameter",
            "messages[0].content[0].type",
        ),
        (
            {"messages": [{"role": "user", "content": "", "name": "Ann"}]},
            "unsupported_parameter",
            "messages[0].name",
        ),
        ({"n": 2}, "unsupported_parameter", "n"),
        ({"tools": []}, "unsupported_parameter", "tools"),
        ({"logprobs": True}, "unsupported_parameter", "logprobs"),
        ({"audio": {}}, "unsupported_parameter", "audio"),
        ({"no_such_field": 1}, "unsupported_parameter", "no_such_field"),
        (
            {"response_format": {"type": "json_object"}},
            "unsupported_parameter",
            "response_format",
        ),
        ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
        (
            {"stream": True, "stream_options": {"include_obfuscation": True}},
            "unsupported_parameter",
            "stream_options.include_obfuscation",
        ),
        ({"stream": "yes"}, "invalid_type", "stream"),
        ({"temperature": 2.1}, "invalid_value", "temperature"),
        ({"temperature": "hot"}, "invalid_type", "temperature"),
        ({"top_p": 0}, "invalid_value", "top_p"),
        ({"presence_penalty": -3}, "invalid_value", "presence_penalty"),
        ({"max_tokens": 0}, "invalid_value", "max_tokens"),
        ({"max_tokens": 1, "max_completion_tokens": 2}, "invalid_value", "max_completion_tokens"),
        ({"max_tokens": 1, "min_tokens": 2}, "invalid_value", "min_tokens"),
        ({"stop": ["a"] * (MAX_STOP_STRINGS + 1)}, "invalid_value", "stop"),
        ({"stop": ""}, "invalid_value", "stop"),
        ({"logit_bias": {"x": 1}}, "invalid_value", "logit_bias"),
        ({"seed": 10**30}, "invalid_type", "seed"),
        ({"model": ""}, "invalid_value", "model"),
        ({"model": None}, "missing_required_parameter", "model"),
    ],
)
async def test_a_wrong_field_is_named(
    http: httpx.AsyncClient, model: str, changes: dict[str, Any], code: str, param: str
) -> None:
    response = await http.post("/v1/chat/completions", json=chat(model, **changes))
    assert response.status_code == 400, response.text
    error = error_of(response)
    assert (error["code"], error["param"]) == (code, param)
    assert error["type"] == "invalid_request_error"


@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b'{"model":', "invalid_json"),
        (b'{"model": "\xff"}', "invalid_json"),
        (b'{"model": "\\ud800"}', "invalid_json"),
        (b"[" * 5_000, "invalid_json"),
        (b"[]", "invalid_type"),
        (b"null", "invalid_type"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/prompts"])
async def test_a_body_that_is_no_json_object_is_refused(
    http: httpx.AsyncClient, path: str, body: bytes, code: str
) -> None:
    response = await http.post(path, content=body)
    assert response.status_code == 400
    assert error_of(response)["code"] == code


@pytest.mark.usefixtures("nothing_published")
async def test_an_unknown_model_is_not_found(http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/chat/completions", json=chat("no/such.model*>"))
    assert response.status_code == 404
    error = error_of(response)
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert "no/such.model*>" in error["message"]
    assert (await http.get("/v1/models/no-such-model")).status_code == 404


async def test_a_prompt_over_the_context_is_refused_with_both_numbers(
    http: httpx.AsyncClient, nats_url: str, model: str
) -> None:
    long = [{"role": "user", "content": "x" * 30}, {"role": "user", "content": "y" * 10}]
    async with StandInWorker.serving(nats_url, model, max_model_len=40) as worker:
        await _until_ready(http, model)
        response = await http.post("/v1/chat/completions", json=chat(model, messages=long))
        assert response.status_code == 400
        error = error_of(response)
        assert (error["code"], error["param"]) == ("context_length_exceeded", "messages")
        assert "have 40 tokens" in error["message"]
        assert "context is 40 tokens" in error["message"]
        assert await prompts_in_log(worker.broker, model) == 0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.answer("fits"))
            fits = await http.post("/v1/chat/completions", json=chat(model, messages=long[1:]))
        assert fits.status_code == 200


async def test_a_prompt_that_certainly_fits_is_not_counted(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    await _until_ready(http, worker.model)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.answer("ok"))
        response = await http.post("/v1/chat/completions", json=chat(worker.model))
    assert response.status_code == 200
    assert worker.counted == []


@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/prompts"])
@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 3 * BODY_LIMIT])
async def test_a_body_over_the_limit_is_refused(
    http: httpx.AsyncClient, model: str, path: str, size: int
) -> None:
    frame = len(b'{"model":"","content":""}')
    body = b'{"model":"%b","content":"%b"}' % (model.encode(), b"x" * (size - frame - len(model)))
    assert len(body) == size
    response = await http.post(path, content=body)
    assert response.status_code == 413
    assert error_of(response)["code"] == "request_too_large"


@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer nonsense", "Basic abc", f"Bearer rvk_{'x' * 43}"]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/x"),
        ("POST", "/api/prompts"),
        ("GET", "/api/replies/x/events"),
    ],
)
async def test_a_bad_key_is_refused_everywhere(
    gateway: GatewayProcess, model: str, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        response = await stranger.request(method, path, json=chat(model), headers=headers)
    assert response.status_code == 401
    assert error_of(response)["code"] == "invalid_api_key"
    assert response.headers["www-authenticate"] == "Bearer"


async def test_paths_and_methods_that_do_not_exist_have_the_same_shape(
    http: httpx.AsyncClient,
) -> None:
    missing = await http.get("/no/such/path")
    assert (missing.status_code, error_of(missing)["code"]) == (404, "not_found")
    wrong = await http.delete("/v1/chat/completions")
    assert (wrong.status_code, error_of(wrong)["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


async def test_malformed_http_has_the_same_shape(gateway: GatewayProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"POST /v1/chat/completions HTTP/9.9\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'{"error":{"message":' in answer


@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize(
    ("changes", "status", "param"),
    [
        ({"content": ""}, 400, "content"),
        ({"content": None}, 400, "content"),
        ({"params": {"temperature": 3}}, 400, "params.temperature"),
        ({"params": {"tools": []}}, 400, "params.tools"),
        ({"params": {"max_tokens": 1, "min_tokens": 2}}, 400, "params.min_tokens"),
        ({"messages": HELLO}, 400, "messages"),
        ({"parent_id": "0" * 26}, 400, "parent_id"),
        ({"conversation_id": "nonsense"}, 404, "conversation_id"),
        ({"conversation_id": "0" * 26}, 404, "conversation_id"),
    ],
)
async def test_a_wrong_native_prompt_is_refused(
    http: httpx.AsyncClient, model: str, changes: dict[str, Any], status: int, param: str
) -> None:
    body = {"model": model, "content": "Hello", **changes}
    response = await http.post("/api/prompts", json=body)
    assert response.status_code == status, response.text
    assert error_of(response)["param"] == param


async def test_an_idempotency_key_that_is_no_token_is_refused(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    headers = {"Idempotency-Key": "x" * 256}
    response = await http.post("/v1/chat/completions", json=chat(worker.model), headers=headers)
    assert (response.status_code, error_of(response)["param"]) == (400, "Idempotency-Key")


async def _until_ready(http: httpx.AsyncClient, model: str) -> None:
    await eventually(
        lambda: http.get(f"/v1/models/{model}"), lambda response: response.json().get("ready")
    )
