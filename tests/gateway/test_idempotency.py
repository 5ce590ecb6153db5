"""A repeated Idempotency-Key returns the same reply, on any gateway process and at any moment."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.event_reading import Event, events_of
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker, prompts_in_log
from tests.gateway.users import new_user

HELLO = [{"role": "user", "content": "Hello"}]
PIECES = ("Water", " always", " 👨‍👩‍👧")


@pytest.fixture
async def second(
    gateway: GatewayProcess, api_key: str, nats_url: str, mongo_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another gateway process of the same instance."""
    other = GatewayProcess(tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir))
    with running_gateway(other):
        other.wait_for_parts(broker=True, store=True)
        headers = {"Authorization": f"Bearer {api_key}"}
        async with httpx.AsyncClient(base_url=other.url, headers=headers, timeout=20) as client:
            yield client


async def ask(
    http: httpx.AsyncClient, model: str, content: str = "Hello", **headers: str
) -> httpx.Response:
    return await http.post(
        "/api/prompts",
        json={"model": model, "content": content},
        headers={"Idempotency-Key": f"key-{model}", **headers},
    )


async def test_a_repeat_on_another_process_returns_the_same_reply_while_it_runs(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say(*PIECES)
    again = await ask(second, worker.model)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["x-reply-id"] == first.headers["x-reply-id"]
    await writer.end()
    assert (await ask(second, worker.model)).json() == first.json()
    assert await prompts_in_log(worker.broker, worker.model) == 1


async def test_another_body_with_the_key_is_refused_on_another_process_too(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    await ask(http, worker.model)
    for client in (http, second):
        other = await ask(client, worker.model, "Something else")
        assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert await prompts_in_log(worker.broker, worker.model) == 1


async def test_the_same_key_of_another_user_is_another_prompt(
    http: httpx.AsyncClient, mongo_url: str, worker: StandInWorker
) -> None:
    stranger = await new_user(mongo_url)
    mine = await ask(http, worker.model)
    theirs = await ask(http, worker.model, **stranger.headers)
    assert theirs.status_code == 202
    assert theirs.json()["reply_id"] != mine.json()["reply_id"]
    users = {(await worker.next_prompt()).user_id for _ in range(2)}
    assert stranger.user_id in users
    assert len(users) == 2


async def test_a_repeated_streaming_completion_replays_the_text_and_goes_on_live(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    request = {
        "method": "POST",
        "url": "/v1/chat/completions",
        "json": {"model": worker.model, "messages": HELLO, "stream": True},
        "headers": {"Idempotency-Key": f"stream-{worker.model}"},
    }
    async with http.stream(**request) as response:  # type: ignore[arg-type]
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
        first = events_of(response)
        assert await _texts(first, len(PIECES)) == list(PIECES)
        # The connection is lost, and the client asks again.
    async with second.stream(**request) as response:  # type: ignore[arg-type]
        again = events_of(response)
        assert "".join(await _texts(again, 1)).startswith(PIECES[0])
        await writer.say(" finds", " a way")
        await writer.end()
        rest = [_text(event) async for event in again]
    async with http.stream(**request) as response:  # type: ignore[arg-type]
        whole = [_text(event) async for event in events_of(response)]
    assert "".join(whole) == "".join(PIECES) + " finds a way"
    assert PIECES[0] + "".join(rest) == "".join(whole)
    assert await prompts_in_log(worker.broker, worker.model) == 1


def _text(event: Event) -> str:
    if event.data == "[DONE]" or not event.data["choices"]:
        return ""
    return event.data["choices"][0]["delta"].get("content") or ""


async def _texts(events: AsyncIterator[Event], count: int) -> list[str]:
    """Return the next texts, passing over events without any."""
    texts: list[str] = []
    while len(texts) < count:
        if text := _text(await anext(events)):
            texts.append(text)
    return texts


@pytest.mark.usefixtures("history")
async def test_a_repeat_in_a_conversation_is_found_although_its_own_reply_is_the_newest(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = (await http.post("/api/prompts", json={"model": worker.model, "content": "One"})).json()
    await worker.answer("Two")
    question = {
        "model": worker.model,
        "content": "Three",
        "conversation_id": first["conversation_id"],
    }
    key = {"Idempotency-Key": "again"}

    async def ask_again(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/api/prompts", json=question, headers=key)

    accepted = await eventually(lambda: ask_again(http), lambda answer: answer.status_code == 202)
    writer = await worker.attempt(await worker.next_prompt())
    for client in (http, second):
        repeated = await ask_again(client)
        assert (repeated.status_code, repeated.json()) == (202, accepted.json())
    other = await http.post("/api/prompts", json={**question, "content": "Four"}, headers=key)
    assert (other.status_code, "x-reply-id" in other.headers) == (422, False)
    await writer.end()
    assert (await ask_again(second)).json() == accepted.json()
    assert await prompts_in_log(worker.broker, worker.model) == 2
