"""Frames that do not parse, through a real gateway process: skipped, or the reply fails."""

import asyncio

import httpx
import pytest
from openai import APIError, AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from tests.gateway.event_reading import events_of, read_reply, text_of
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker, Writer, garbage

HELLO = [{"role": "user", "content": "Hello"}]


async def ask(http: httpx.AsyncClient, model: str) -> str:
    accepted = await http.post("/api/prompts", json={"model": model, "content": "Hello"})
    assert accepted.status_code == 202, accepted.text
    return str(accepted.json()["reply_id"])


async def lose_a_token(writer: Writer) -> None:
    """Write a token whose frame does not parse, then one past the hole."""
    await writer.say("one")
    writer.delta("lost")
    await writer.publish(garbage())
    await writer.say(" three")


async def test_a_reply_with_an_unreadable_token_fails_for_its_readers(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    reply_id = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        events = events_of(response)
        await lose_a_token(writer)
        # Its worker takes it for complete, and says so to the log of facts.
        await writer.end()
        async with asyncio.timeout(20):
            live = [event async for event in events]
    # Who comes later, from the beginning or from a cursor, is told the same.
    cursor = next(event.event_id for event in live if event.event_id)
    again, resumed = await asyncio.gather(
        read_reply(http, reply_id), read_reply(http, reply_id, cursor)
    )
    assert text_of(live) == text_of(again) == "one"
    for events_read in (live, again, resumed):
        done = events_read[-1]
        assert (done.data["done"], done.data["status"]) == (True, "failed")
        assert done.data["error"]["code"] == "unreadable_reply"
        # An EventSource comes back with that, and is told not to.
        seen = {"Last-Event-ID": str(done.event_id)}
        over = await http.get(f"/api/replies/{reply_id}/events", headers=seen)
        assert over.status_code == 204
    lines = [line["reply_id"] for line in gateway.lines("reply_unreadable")]
    assert lines.count(reply_id) == 3


async def test_a_completion_with_an_unreadable_end_fails(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async def spoil() -> None:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("Water")
        await writer.publish(garbage())
        # The end that the log holds is the one that does not parse.
        end = writer.result()
        await worker.publish_finished(writer.prompt, end, "Water", 1)

    async with AsyncOpenAI(
        base_url=f"{gateway.url}/v1", api_key=api_key, max_retries=0, timeout=20
    ) as client:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(spoil())
            with pytest.raises(APIError) as refused:
                await client.chat.completions.create(model=worker.model, messages=HELLO)
        assert refused.value.code == "unreadable_reply"
        texts: list[str | None] = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(spoil())
            stream = await client.chat.completions.create(
                model=worker.model, messages=HELLO, stream=True
            )
            with pytest.raises(APIError) as refused:
                await _collect(stream, texts)
        assert refused.value.code == "unreadable_reply"
        assert "Water" in texts


async def test_a_reply_that_is_mended_is_read_to_its_end(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    await lose_a_token(writer)
    repaired = await worker.attempt(writer.prompt, n=2)
    repaired.texts = ["one"]
    await repaired.say(" two", " three")
    await repaired.end()
    events = await read_reply(http, reply_id)
    assert text_of(events) == "one two three"
    assert events[-1].data["status"] == "completed"


async def test_a_repeated_end_changes_nothing(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        await writer.say("once")
        end = await writer.end()
        await writer.write(end)
        await writer.write(writer.result("failed"))
        live = [event async for event in events_of(response)]
    again = await read_reply(http, reply_id)
    for events in (live, again):
        assert text_of(events) == "once"
        assert [event.data["status"] for event in events if event.data.get("done")] == ["completed"]
    last = await http.get(
        f"/api/replies/{reply_id}/events", headers={"Last-Event-ID": str(again[-1].event_id)}
    )
    assert last.status_code == 204


async def test_a_long_reply_is_replayed_whole(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    pieces = [f"{index} " for index in range(1_300)]
    reply_id = await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say(*pieces)
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        events = events_of(response)
        seen = [await anext(events) for _ in range(len(pieces) + 1)]
        # One mark, after all that was there.
        assert [event.name for event in seen] == ["message"] * len(pieces) + ["caught_up"]
        await writer.end()
        seen += [event async for event in events]
    assert text_of(seen) == "".join(pieces)
    again = await read_reply(http, reply_id)
    assert [event for event in again if event.name == "message"] == [
        event for event in seen if event.name == "message"
    ]
    assert [event.name for event in again[-2:]] == ["caught_up", "message"]


async def _collect(stream: AsyncStream[ChatCompletionChunk], texts: list[str | None]) -> None:
    async for chunk in stream:
        texts.append(chunk.choices[0].delta.content)  # noqa: PERF401 - what came before an error
