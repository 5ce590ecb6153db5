"""Chat completions through a real gateway process, read with the official client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from openai import APIError, AsyncOpenAI, AsyncStream, BadRequestError, InternalServerError
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from schemas import subjects
from schemas.events import ChatMessage, Failure
from schemas.frames import Delta
from schemas.streams import CHAT
from tests.gateway.event_reading import events_of
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker, garbage

PIECES = ("Water", " always", " finds", " 👨‍👩‍👧", ' "a"\n', " way")
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
async def client(gateway: GatewayProcess, api_key: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=f"{gateway.url}/v1", api_key=api_key, max_retries=0, timeout=20
    ) as client:
        yield client


async def test_the_openai_client_gets_the_whole_reply(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(worker.answer(*PIECES))
        done = await client.chat.completions.create(model=worker.model, messages=HELLO)
    ChatCompletion.model_validate(done.model_dump(), strict=True)
    assert done.choices[0].message.content == "".join(PIECES)
    assert done.choices[0].finish_reason == "stop"
    assert done.usage is not None
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (7, len(PIECES))
    assert done.usage.prompt_tokens_details is not None
    assert done.usage.prompt_tokens_details.cached_tokens == 3
    assert done.id == f"chatcmpl-{answering.result().prompt.reply_id}"


async def test_the_openai_client_streams_one_chunk_a_frame(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.answer(*PIECES))
        stream = await client.chat.completions.create(
            model=worker.model,
            messages=HELLO,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.model_dump(), strict=True)
    assert chunks[0].choices[0].delta.role == "assistant"
    deltas = [chunk.choices[0].delta.content for chunk in chunks[1:-2]]
    assert deltas == list(PIECES)
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(PIECES)
    assert {chunk.usage for chunk in chunks[:-1]} == {None}
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1


async def test_usage_is_only_in_chunks_that_asked_for_it(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.answer("a", "b"))
        body = {"model": worker.model, "messages": HELLO, "stream": True}
        async with http.stream("POST", "/v1/chat/completions", json=body) as response:
            events = [event async for event in events_of(response)]
    assert events[-1].data == "[DONE]"
    assert all("usage" not in event.data for event in events[:-1])
    assert response.headers["content-type"].startswith("text/event-stream")


async def test_the_prompt_event_holds_what_was_asked(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(worker.answer("ok"))
        await client.chat.completions.create(
            model=worker.model,
            messages=[
                {"role": "developer", "content": "Be brief"},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                },
            ],
            temperature=0.5,
            max_completion_tokens=9,
            stop="END",
            logit_bias={"5": -100},
            extra_body={"top_k": 3, "min_p": 0.1, "ignore_eos": True, "stop_token_ids": [1, 2]},
            user="somebody",
            metadata={"a": "b"},
            n=1,
            response_format={"type": "text"},
        )
    prompt = answering.result().prompt
    assert prompt.messages == (ChatMessage("system", "Be brief"), ChatMessage("user", "ab"))
    assert prompt.sampling.max_tokens == 9
    assert prompt.sampling.stop == ("END",)
    assert prompt.sampling.stop_token_ids == (1, 2)
    assert prompt.sampling.logit_bias == {"5": -100.0}
    assert (prompt.sampling.top_k, prompt.sampling.ignore_eos) == (3, True)
    assert prompt.conversation_id is None
    assert prompt.deadline_ms - prompt.submitted_at_ms == 600_000


@pytest.mark.parametrize(
    ("store", "bound", "temporary"),
    [(None, True, False), (True, False, False), (False, True, True)],
)
async def test_store_says_whether_a_reply_is_bound_and_kept(
    client: AsyncOpenAI, worker: StandInWorker, store: Any, bound: Any, temporary: Any
) -> None:
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(worker.answer("ok"))
        await client.chat.completions.create(model=worker.model, messages=HELLO, store=store)
    prompt = answering.result().prompt
    assert (prompt.bound, prompt.temporary) == (bound, temporary)
    subject = subjects.prompt(prompt.user_id, prompt.model, subjects.lane_of(prompt.reply_id))
    stored = await worker.broker.jetstream().get_last_msg(CHAT, subject)
    assert (stored.headers or {}).get("Nats-TTL") == ("3600" if temporary else None)


async def test_a_failure_before_the_first_token_is_an_http_error_also_for_a_stream(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.fail("context_length_exceeded", "too long"))
        with pytest.raises(BadRequestError) as refused:
            await client.chat.completions.create(model=worker.model, messages=HELLO, stream=True)
    assert refused.value.code == "context_length_exceeded"
    assert refused.value.response.headers["x-reply-id"]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.fail("engine_error", "the engine said no"))
        with pytest.raises(InternalServerError, match="the engine said no") as failed:
            await client.chat.completions.create(model=worker.model, messages=HELLO)
    assert failed.value.code == "engine_error"


async def test_a_failure_in_mid_stream_is_an_error_event_and_never_text(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async def break_off() -> None:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("half", " a")
        await writer.end("failed", Failure("engine_error", "the engine broke"))

    texts: list[str | None] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(break_off())
        stream = await client.chat.completions.create(
            model=worker.model, messages=HELLO, stream=True
        )
        with pytest.raises(APIError, match="the engine broke"):
            await _collect(stream, texts)
    assert texts == ["", "half", " a"]


async def test_a_stream_that_waits_for_a_worker_begins_and_can_still_fail(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    body = {"model": worker.model, "messages": HELLO, "stream": True}
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200
        events = events_of(response)
        first = (await anext(events)).data
        assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
        await worker.fail("engine_error", "the engine said no")
        last = (await anext(events)).data
        assert [event async for event in events] == []
    assert last["error"]["message"] == "the engine said no"


async def test_a_takeover_goes_on_in_the_same_response(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async def be_taken_over() -> None:
        prompt = await worker.next_prompt()
        first = await worker.attempt(prompt)
        await first.say("one", " two")
        second = await worker.attempt(prompt, n=2)
        second.texts = list(first.texts)
        # The first worker wakes up again: what it still says is void.
        await first.say(" zombie")
        await second.say(" three")
        await second.end()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(be_taken_over())
        done = await client.chat.completions.create(model=worker.model, messages=HELLO)
    assert done.choices[0].message.content == "one two three"


async def test_a_frame_that_does_not_parse_is_skipped(
    client: AsyncOpenAI, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    async def stumble() -> str:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("one")
        await writer.publish(garbage())
        await writer.write(Delta(writer.n, 9, [1], "past a hole"))
        await writer.say(" two")
        await writer.end()
        return writer.prompt.reply_id

    async with asyncio.TaskGroup() as tasks:
        stumbling = tasks.create_task(stumble())
        done = await client.chat.completions.create(model=worker.model, messages=HELLO)
    assert done.choices[0].message.content == "one two"
    skipped = gateway.lines("frame_unreadable")
    assert stumbling.result() in {line["reply_id"] for line in skipped}


async def test_a_cancelled_reply_ends_with_what_it_had(
    client: AsyncOpenAI, worker: StandInWorker
) -> None:
    async def be_cancelled() -> None:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("half")
        await writer.end("cancelled")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(be_cancelled())
        done = await client.chat.completions.create(model=worker.model, messages=HELLO)
    assert done.choices[0].message.content == "half"
    assert done.choices[0].finish_reason == "stop"


async def test_a_repeated_idempotency_key_returns_the_same_reply(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    body = {"model": worker.model, "messages": HELLO}
    headers = {"Idempotency-Key": f"key-of-{worker.model}"}
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(worker.answer("once"))
        first = await http.post("/v1/chat/completions", json=body, headers=headers)
    again = await http.post("/v1/chat/completions", json=body, headers=headers)
    assert again.json() == first.json()
    assert again.headers["x-reply-id"] == first.headers["x-reply-id"]
    assert not answering.result().prompt.bound
    other = await http.post("/v1/chat/completions", json={**body, "seed": 1}, headers=headers)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"


async def test_a_client_that_hangs_up_leaves_no_subscription_behind(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    body = {"model": worker.model, "messages": HELLO, "stream": True}
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("one")
        events = events_of(response)
        await anext(events)
        await events.aclose()
    reply_id = writer.prompt.reply_id
    gateway.wait_until(
        lambda: reply_id in {line.get("reply_id") for line in gateway.lines("stream_closed")}
    )
    await eventually(lambda: worker.subscribers_of(reply_id), lambda count: count == 0)


async def test_models_are_listed_with_their_state(
    client: AsyncOpenAI, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    found = await client.models.retrieve(worker.model)
    assert found.id == worker.model
    assert found.object == "model"
    listed = await eventually(lambda: _listed(client, worker.model), lambda one: one["ready"])
    assert listed["max_model_len"] == worker.max_model_len


async def _collect(stream: AsyncStream[ChatCompletionChunk], texts: list[str | None]) -> None:
    async for chunk in stream:
        texts.append(chunk.choices[0].delta.content)  # noqa: PERF401 - what came before an error


async def _listed(client: AsyncOpenAI, model: str) -> dict[str, object]:
    models = await client.models.list()
    (found,) = [one for one in models.data if one.id == model]
    return found.model_dump()
