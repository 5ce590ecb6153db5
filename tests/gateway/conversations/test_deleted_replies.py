"""A reply of a deleted conversation is not found, and its key says so; neither waits for it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from schemas import subjects
from schemas.streams import CHAT, REPLIES
from tests.gateway.conversations.conftest import Talker
from tests.gateway.event_reading import events_of, read_reply, text_of
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.socket_client import open_socket

KEY = {"Idempotency-Key": "the first"}


class Deleted(NamedTuple):
    """A prompt whose conversation was deleted, and a cursor in the middle of its reply."""

    body: dict[str, Any]
    ids: dict[str, Any]
    cursor: str


@pytest.fixture
async def deleted(ada: Talker) -> Deleted:
    body = {"model": ada.model, "content": "One?"}
    ids = (await ada.http.post("/api/prompts", json=body, headers=KEY)).json()
    writer = await ada.worker.attempt(await ada.worker.next_prompt())
    await writer.say("1", "2")
    async with ada.http.stream("GET", f"/api/replies/{ids['reply_id']}/events") as response:
        seen = [event async for event in _until(events_of(response), 2)]
    path = f"/api/conversations/{ids['conversation_id']}"
    erased = await ada.http.delete(path)
    assert erased.status_code == 200, erased.text
    return Deleted(body, ids, str(seen[-1]))


async def _until(events: AsyncIterator[Any], deltas: int) -> AsyncIterator[str]:
    """Yield the cursors of the first deltas."""
    async for event in events:
        if event.name == "message":
            deltas -= 1
            yield event.event_id
        if not deltas:
            return


@pytest.fixture
async def second(
    ada: Talker, gateway: GatewayProcess, nats_url: str, mongo_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Ada at another gateway process, which remembers nothing of her."""
    other = GatewayProcess(tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir))
    with running_gateway(other):
        other.wait_for_parts(broker=True, store=True)
        key = ada.http.headers["Authorization"]
        async with httpx.AsyncClient(
            base_url=other.url, headers={"Authorization": key}, timeout=20
        ) as http:
            yield http


async def test_its_events_are_not_found_from_any_cursor_at_any_process(
    ada: Talker, deleted: Deleted, second: httpx.AsyncClient
) -> None:
    path = f"/api/replies/{deleted.ids['reply_id']}"
    for http in (ada.http, second):
        for after in ({}, {"Last-Event-ID": deleted.cursor}):
            answer = await http.get(f"{path}/events", headers=after, timeout=5)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        for call in ("cancel", "retry"):
            assert (await http.post(f"{path}/{call}")).status_code == 404


async def test_a_subscription_to_it_is_an_error(
    ada: Talker, deleted: Deleted, gateway: GatewayProcess
) -> None:
    reply_id = deleted.ids["reply_id"]
    key = ada.http.headers["Authorization"].removeprefix("Bearer ")
    async with open_socket(gateway, key) as client:
        for after in (None, deleted.cursor):
            await client.say("subscribe", reply_id=reply_id, after=after)
            error = await client.error()
            assert (error["code"], error["reply_id"]) == ("not_found", reply_id)


async def test_its_key_is_refused_for_good_and_another_one_is_not(
    ada: Talker, deleted: Deleted, second: httpx.AsyncClient, gateway: GatewayProcess
) -> None:
    for http in (ada.http, second):
        again = await http.post("/api/prompts", json=deleted.body, headers=KEY)
        assert (again.status_code, again.json()["error"]["code"]) == (404, "not_found")
        assert "another Idempotency-Key" in again.json()["error"]["message"]
    key = ada.http.headers["Authorization"].removeprefix("Bearer ")
    async with open_socket(gateway, key) as client:
        await client.say("prompt", ref="r", idempotency_key=KEY["Idempotency-Key"], **deleted.body)
        error = await client.error()
        assert (error["code"], error["ref"]) == ("not_found", "r")
    other = {"Idempotency-Key": "another"}
    assert (await ada.http.post("/api/prompts", json=deleted.body, headers=other)).is_success


async def test_a_key_of_a_completion_that_was_erased_is_refused_for_good(ada: Talker) -> None:
    messages = [{"role": "user", "content": "Hello"}]
    body = {"model": ada.model, "messages": messages, "stream": True}
    path = "/v1/chat/completions"
    async with ada.http.stream("POST", path, json=body, headers=KEY) as response:
        await ada.worker.answer("Hi")
        await response.aread()
    facts = subjects.prompts_of_user(ada.user_id)
    await ada.worker.broker.jetstream().purge_stream(CHAT, subject=facts)
    answer = await ada.http.post(path, json=body, headers=KEY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_prompt_that_waits_is_read_at_once_at_any_process(
    ada: Talker, second: httpx.AsyncClient
) -> None:
    """Whether anything but the log of facts knows of it or not."""
    for fields in ({}, {"temporary": True}):
        for http in (ada.http, second):
            asked = await ada.ask("Wait?", **fields)
            async with http.stream("GET", f"/api/replies/{asked['reply_id']}/events") as response:
                assert response.status_code == 200
            await ada.worker.answer("Yes.")
            assert text_of(await read_reply(http, asked["reply_id"])) == "Yes."


async def test_a_cursor_of_a_reply_that_is_still_known_is_refused_as_before(ada: Talker) -> None:
    asked = await ada.ask("One?", temporary=True)
    await ada.worker.answer("1", "2")
    events = await read_reply(ada.http, asked["reply_id"])
    frames = subjects.reply(asked["reply_id"])
    await ada.worker.broker.jetstream().purge_stream(REPLIES, subject=frames)
    after = {"Last-Event-ID": str(events[1].event_id)}
    answer = await ada.http.get(f"/api/replies/{asked['reply_id']}/events", headers=after)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_cursor")
