"""Asking for another answer to the same message, through a real gateway process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway.store_client import open_store
from schemas import ids
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.events import PromptSubmitted
from schemas.prompt_log import subject_of
from schemas.streams import CHAT
from tests.gateway.event_reading import read_reply, text_of
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker, prompts_in_log

HELLO = [{"role": "user", "content": "Hello"}]


@asynccontextmanager
async def messages_of(mongo_url: str, reply_ids: set[str]) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the finished answers of these replies, once the history has all of them."""
    async with open_store(mongo_url) as store:
        rows = store[CHAT_DATABASE][MESSAGES]

        async def look() -> list[dict[str, Any]]:
            found = [
                await rows.find_one({"reply_id": one, "role": "assistant"}) for one in reply_ids
            ]
            return [row for row in found if row is not None and row["status"] != "pending"]

        yield await eventually(look, lambda found: len(found) == len(reply_ids))


async def ask(http: httpx.AsyncClient, model: str) -> dict[str, Any]:
    body = {"model": model, "content": "Hello", "params": {"max_tokens": 5}}
    accepted = await http.post("/api/prompts", json=body)
    assert accepted.status_code == 202, accepted.text
    ids_of_it: dict[str, Any] = accepted.json()
    return ids_of_it


async def retry(http: httpx.AsyncClient, reply_id: str, **headers: str) -> dict[str, Any]:
    answer = await http.post(f"/api/replies/{reply_id}/retry", headers=headers)
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["x-reply-id"] == body["reply_id"]
    assert body.keys() == {
        "reply_id",
        "conversation_id",
        "user_message_id",
        "assistant_message_id",
        "omitted_messages",
    }
    return body


async def test_a_retry_is_another_reply_to_the_same_message(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    original = (await worker.answer("one")).prompt
    second = await retry(http, first["reply_id"])
    prompt = (await worker.answer("two")).prompt
    assert second["user_message_id"] == first["user_message_id"]
    assert second["conversation_id"] == first["conversation_id"]
    assert second["assistant_message_id"] != first["assistant_message_id"]
    assert second["reply_id"] == prompt.reply_id != first["reply_id"]
    assert (prompt.messages, prompt.sampling) == (original.messages, original.sampling)
    assert prompt.deadline_ms - prompt.submitted_at_ms == 600_000
    assert text_of(await read_reply(http, first["reply_id"])) == "one"
    assert text_of(await read_reply(http, second["reply_id"])) == "two"


async def test_a_retry_while_the_first_one_runs_leaves_it_running(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("still")
    second = await retry(http, first["reply_id"])
    await worker.answer("another")
    assert text_of(await read_reply(http, second["reply_id"])) == "another"
    await writer.say(" here")
    await writer.end()
    assert text_of(await read_reply(http, first["reply_id"])) == "still here"


async def test_a_retry_can_be_retried_and_cancelled(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    second = await retry(http, first["reply_id"])
    third = await retry(http, second["reply_id"])
    assert third["user_message_id"] == first["user_message_id"]
    answer = await http.post(f"/api/replies/{third['reply_id']}/cancel")
    assert answer.json()["status"] == "cancelled"


@pytest.mark.usefixtures("history")
async def test_the_history_keeps_every_answer_beside_the_others(
    http: httpx.AsyncClient, worker: StandInWorker, mongo_url: str
) -> None:
    first = await ask(http, worker.model)
    await worker.answer("one")
    second = await retry(http, first["reply_id"])
    await worker.answer("two")
    third = await retry(http, first["reply_id"])
    await http.post(f"/api/replies/{third['reply_id']}/cancel")
    replies = {one["reply_id"] for one in (first, second, third)}
    async with messages_of(mongo_url, replies) as answers:
        assert {(a["content"], a["status"]) for a in answers} == {
            ("one", "completed"),
            ("two", "completed"),
            ("", "cancelled"),
        }
        assert {a["parent_id"] for a in answers} == {first["user_message_id"]}
        assert {a["conversation_id"] for a in answers} == {first["conversation_id"]}
        assert len({a["_id"] for a in answers}) == 3


async def test_a_repeated_idempotency_key_is_one_retry(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    key = {"Idempotency-Key": f"retry-{worker.model}"}
    second = await retry(http, first["reply_id"], **key)
    assert await retry(http, first["reply_id"], **key) == second
    assert await prompts_in_log(worker.broker, worker.model) == 2
    third = await retry(http, first["reply_id"])
    assert third["reply_id"] != second["reply_id"]
    # The same key for another reply is another request.
    other = await http.post(f"/api/replies/{third['reply_id']}/retry", headers=key)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"


async def test_a_retry_of_a_bound_completion_is_detached(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    call = http.build_request(
        "POST",
        "/v1/chat/completions",
        json={"model": worker.model, "messages": HELLO, "stream": True},
    )
    answer = await http.send(call, stream=True)
    writer = await worker.attempt(await worker.next_prompt())
    assert writer.prompt.bound
    await writer.say("one")
    await answer.aclose()
    second = await retry(http, writer.prompt.reply_id)
    prompt = await worker.next_prompt()
    assert prompt.reply_id == second["reply_id"]
    assert not prompt.bound
    assert second["conversation_id"] is None


async def forget_prompt(worker: StandInWorker, prompt: PromptSubmitted) -> None:
    """Let a prompt leave the log, as it does when it is older than the log goes back."""
    await worker.broker.jetstream().purge_stream(CHAT, subject=subject_of(prompt))


@pytest.mark.usefixtures("history")
async def test_a_prompt_that_left_the_log_is_asked_again_as_it_is_stored(
    http: httpx.AsyncClient, worker: StandInWorker, mongo_url: str
) -> None:
    first = await ask(http, worker.model)
    one = (await worker.answer("one")).prompt
    body = {"content": "And?", "conversation_id": first["conversation_id"]}
    second = (await http.post("/api/prompts", json=body)).json()
    await worker.answer("two")
    async with messages_of(mongo_url, {first["reply_id"], second["reply_id"]}):
        await forget_prompt(worker, one)
    key = {"Idempotency-Key": f"stored-{worker.model}"}
    third = await retry(http, second["reply_id"], **key)
    prompt = (await worker.answer("zwei")).prompt
    assert [turn.content for turn in prompt.messages] == ["Hello", "one", "And?"]
    assert third["user_message_id"] == second["user_message_id"] == prompt.user_message_id
    assert third["assistant_message_id"] != second["assistant_message_id"]
    assert prompt.parent_id == first["assistant_message_id"]
    assert prompt.conversation_id == first["conversation_id"]
    async with messages_of(mongo_url, {third["reply_id"]}) as (answer,):
        assert answer["parent_id"] == second["user_message_id"]
    assert await retry(http, second["reply_id"], **key) == third


@pytest.mark.parametrize("body", [{"temporary": True}, {}], ids=["temporary", "completion"])
async def test_without_its_prompt_a_reply_of_no_conversation_cannot_be_retried(
    http: httpx.AsyncClient, worker: StandInWorker, body: dict[str, Any]
) -> None:
    if body:
        accepted = await http.post(
            "/api/prompts", json={"model": worker.model, "content": "Hello", **body}
        )
        reply_id = accepted.json()["reply_id"]
        prompt = await worker.next_prompt()
    else:
        call = {"model": worker.model, "messages": HELLO}
        answering = asyncio.create_task(http.post("/v1/chat/completions", json=call))
        prompt = (await worker.answer("one")).prompt
        reply_id = (await answering).headers["x-reply-id"]
    await forget_prompt(worker, prompt)
    answer = await http.post(f"/api/replies/{reply_id}/retry")
    assert answer.status_code == 404
    assert "no longer in the log" in answer.json()["error"]["message"]


async def test_another_users_reply_cannot_be_retried(
    http: httpx.AsyncClient, gateway: GatewayProcess
) -> None:
    secret = (gateway.data_dir / "secret").read_text().strip().encode()
    for reply_id in ("nonsense", "*", ids.new_reply_id(secret, ids.new_user_id())):
        answer = await http.post(f"/api/replies/{reply_id}/retry")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


async def test_a_retry_needs_a_key_and_a_good_idempotency_key(
    http: httpx.AsyncClient, gateway: GatewayProcess, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model)
    path = f"/api/replies/{first['reply_id']}/retry"
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        assert (await stranger.post(path)).status_code == 401
    assert (await http.post(path, headers={"Idempotency-Key": "x" * 256})).status_code == 400
