"""What a reader is told while its reply waits, through real gateway processes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from openai import AsyncOpenAI

from schemas.broker import connect
from schemas.reply_log import ReplyLog
from schemas.streams import CHAT, declare_consumer, worker_consumer
from tests.gateway.event_reading import Event, events_of
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker
from tests.support.worker_process import WorkerProcess

HELLO = [{"role": "user", "content": "Hello"}]


async def ask(http: httpx.AsyncClient, model: str) -> str:
    accepted = await http.post("/api/prompts", json={"model": model, "content": "Hello"})
    assert accepted.status_code == 202, accepted.text
    return str(accepted.json()["reply_id"])


class Reader:
    """Reads one reply; ``place`` returns the next one that it is told."""

    def __init__(self, response: httpx.Response) -> None:
        self._events = events_of(response)

    async def next(self) -> Event:
        async with asyncio.timeout(15):
            return await anext(self._events)

    async def place(self) -> object:
        event = await self.next()
        while event.name == "caught_up":
            event = await self.next()
        assert event.name == "queue", event
        assert event.event_id is None
        return event.data

    async def told(self, position: int, eta_s: int) -> None:
        """Return once it was told this place; how long it takes may come a second later."""
        while (found := await self.place()) != {"position": position, "eta_s": eta_s}:
            assert found == {"position": position, "eta_s": None}

    async def rest(self) -> list[Event]:
        async with asyncio.timeout(15):
            return [event async for event in self._events]


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


async def test_a_waiting_reply_is_told_its_place_and_moves_up(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    worker.slots, worker.reply_s = 2, 8.0
    for _ in range(2):
        await ask(http, worker.model)
    reply_id = await ask(http, worker.model)
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        reader = Reader(response)
        await reader.told(3, eta_s=12)
        await worker.next_prompt()
        await reader.told(2, eta_s=8)
        # What comes behind changes nothing.
        await ask(http, worker.model)
        await worker.next_prompt()
        await reader.told(1, eta_s=4)
        await worker.answer("at last")
        names = [event.name for event in await reader.rest()]
    assert names == ["message", "message"]


async def test_the_place_is_known_to_a_process_that_did_not_take_the_prompt(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    replies = [await ask(http, worker.model) for _ in range(3)]
    for index, reply_id in enumerate(replies):
        async with second.stream("GET", f"/api/replies/{reply_id}/events") as response:
            assert await Reader(response).place() == {"position": index + 1, "eta_s": None}


async def test_prompts_for_other_models_do_not_count(
    http: httpx.AsyncClient, worker: StandInWorker, nats_url: str
) -> None:
    await ask(http, worker.model)
    async with StandInWorker.serving(nats_url, worker.model + "2") as other:
        for _ in range(3):
            await ask(http, other.model)
        reply_id = await ask(http, worker.model)
        async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
            assert await Reader(response).place() == {"position": 2, "eta_s": None}


async def test_nobody_knows_how_long_it_takes_without_a_live_worker(
    http: httpx.AsyncClient, nats_url: str, model: str
) -> None:
    broker = await connect(nats_url, "test")
    await declare_consumer(broker, worker_consumer(model))
    await broker.close()
    reply_id = await ask(http, model)
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        assert await Reader(response).place() == {"position": 1, "eta_s": None}


async def test_a_prompt_that_was_given_back_waits_in_the_first_place(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    given_back = await ask(http, worker.model)
    pull = await worker.broker.jetstream().pull_subscribe_bind(
        f"{worker_consumer(worker.model).durable_name}", CHAT
    )
    (message,) = await pull.fetch(1, timeout=10)
    await message.nak(delay=60)
    waiting = await ask(http, worker.model)
    for reply_id in (given_back, waiting):
        async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
            assert await Reader(response).place() == {"position": 1, "eta_s": None}


async def test_a_completion_that_waits_shows_it_as_comments(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    worker.slots, worker.reply_s = 4, 8.0
    await ask(http, worker.model)
    body = {"model": worker.model, "messages": HELLO, "stream": True}
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = response.aiter_lines()
        # The first place comes with the head; how long it takes may come a second later.
        assert (await anext(lines)).startswith(": queue 2")
        await worker.answer("first")
        assert [line async for line in _until(lines, ": queue 1 2s")]
        await worker.answer("second")
        rest = [line async for line in lines]
    assert rest[-2] == "data: [DONE]"


async def test_the_openai_client_is_not_disturbed_by_a_queue(
    gateway: GatewayProcess, api_key: str, http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    await ask(http, worker.model)
    async with (
        AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=api_key, max_retries=0) as client,
        asyncio.TaskGroup() as tasks,
    ):
        stream = await client.chat.completions.create(
            model=worker.model, messages=HELLO, stream=True
        )
        # The head came after the first place was known.
        await worker.answer("first")
        tasks.create_task(worker.answer("Water", " finds"))
        texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(texts) == "Water finds"


async def test_a_real_worker_with_one_slot_lets_the_next_one_wait_for_it(
    http: httpx.AsyncClient, nats_url: str, tmp_path: Path, model: str
) -> None:
    process = WorkerProcess(
        tmp_path, nats_url, MODEL=model, WORKER_SLOTS="1", SCRIPTED_TOKENS_PER_S="20"
    ).start()
    try:
        replies = [await ask(http, model) for _ in range(3)]
        async with http.stream("GET", f"/api/replies/{replies[2]}/events") as response:
            events = await Reader(response).rest()
    finally:
        process.stop()
    places = [event.data["position"] for event in events if event.name == "queue"]
    assert places == sorted(places, reverse=True)
    assert places[-1] == 1
    assert set(places) <= {1, 2}
    assert any(event.data["eta_s"] for event in events if event.name == "queue")
    assert events[-1].data["status"] == "completed"
    broker = await connect(nats_url, "test")
    first, third = [
        (await (await ReplyLog.open(broker)).read(reply_id))
        for reply_id in (replies[0], replies[2])
    ]
    assert first[-1].sequence < third[0].sequence
    await broker.close()


async def _until(lines: AsyncIterator[str], last: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line == last:
            return
