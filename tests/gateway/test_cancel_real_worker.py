"""Cancelling replies that real worker processes run: what readers saw, log and event agree."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client

from schemas import subjects
from schemas.broker import connect
from schemas.direct_get import DirectGet
from schemas.events import PromptSubmitted, decode_event
from schemas.prompt_log import find_prompt
from schemas.reply_log import ReplyLog
from schemas.streams import CHAT
from tests.gateway.event_reading import Event, events_of, read_reply, text_of
from tests.gateway.eventually import eventually
from tests.gateway.facts import agreed_event, finished_events
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.support.servers import NatsServer
from tests.support.worker_process import WorkerProcess

LONG = {"max_tokens": 2000, "ignore_eos": True}


@pytest.fixture
def own_gateway(
    fresh_nats_server: NatsServer, mongo_url: str, tmp_path: Path
) -> Iterator[GatewayProcess]:
    """A gateway on a broker of this test alone: no other worker hears its notices."""
    process = GatewayProcess(tmp_path / "gateway", fresh_nats_server.url, mongo_url)
    with running_gateway(process):
        process.wait_for_parts(broker=True, store=True)
        yield process


@pytest.fixture
def worker(fresh_nats_server: NatsServer, tmp_path: Path, model: str) -> Iterator[WorkerProcess]:
    process = WorkerProcess(tmp_path, fresh_nats_server.url, MODEL=model)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture
async def http(own_gateway: GatewayProcess) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {own_gateway.dev_key()}"}
    async with httpx.AsyncClient(base_url=own_gateway.url, headers=headers, timeout=20) as http:
        yield http


@pytest.fixture
async def broker(fresh_nats_server: NatsServer) -> AsyncIterator[Client]:
    broker = await connect(fresh_nats_server.url, "test")
    yield broker
    await broker.close()


class Watched:
    """A reply that is being read; ``seen`` are its events so far."""

    def __init__(self, reply_id: str) -> None:
        self.reply_id = reply_id
        self.seen: list[Event] = []

    async def read(self, http: httpx.AsyncClient) -> None:
        """Read to the end."""
        async with http.stream("GET", f"/api/replies/{self.reply_id}/events") as response:
            async for event in events_of(response):
                self.seen.append(event)

    async def has_text(self) -> bool:
        return bool(text_of(self.seen))


async def ask(http: httpx.AsyncClient, model: str, content: str = "Hello") -> str:
    body = {"model": model, "content": content, "params": LONG}
    accepted = await http.post("/api/prompts", json=body)
    assert accepted.status_code == 202, accepted.text
    return str(accepted.json()["reply_id"])


async def cancel(http: httpx.AsyncClient, reply_id: str) -> tuple[str, bool]:
    answer = await http.post(f"/api/replies/{reply_id}/cancel")
    assert answer.status_code == 200, answer.text
    return answer.json()["status"], answer.json()["slot_free"]


async def agree(http: httpx.AsyncClient, broker: Client, watched: Watched) -> None:
    """Check that the reader, a later reader, the log and the event say the same."""
    prompt = await _prompt_of(broker, await _user(broker), watched.reply_id)
    event = await agreed_event(broker, await ReplyLog.open(broker), prompt)
    assert watched.seen[-1].data["status"] == event.status == "cancelled"
    assert text_of(watched.seen) == event.text
    assert text_of(await read_reply(http, watched.reply_id)) == event.text
    assert watched.seen[-1].data["usage"]["completion_tokens"] == event.usage.completion_tokens
    assert len(await finished_events(broker, prompt)) == 1


async def _user(broker: Client) -> str:
    info = await broker.jetstream().stream_info("CHAT", subjects_filter="chat.>")
    return next(iter(info.state.subjects or {})).split(".")[1]


async def _prompt_of(broker: Client, user_id: str, reply_id: str) -> PromptSubmitted:
    found = await find_prompt(await DirectGet.open(broker), user_id, reply_id)
    assert found is not None
    return found.prompt


async def test_the_worker_says_that_its_slot_is_free(
    http: httpx.AsyncClient, worker: WorkerProcess, broker: Client, model: str
) -> None:
    watched = Watched(await ask(http, model))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watched.read(http))
        await eventually(watched.has_text, bool)
        assert await cancel(http, watched.reply_id) == ("cancelled", True)
        assert await cancel(http, watched.reply_id) == ("cancelled", True)
    assert text_of(watched.seen)
    await agree(http, broker, watched)
    # The slot takes the next one.
    other = Watched(await ask(http, model, "Again"))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(other.read(http))
        await eventually(other.has_text, bool)
        await cancel(http, other.reply_id)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_hangs_up_frees_the_slot(
    http: httpx.AsyncClient, worker: WorkerProcess, broker: Client, model: str, *, stream: bool
) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    call = asyncio.create_task(http.post("/v1/chat/completions", json={**body, **LONG}))
    prompt = await eventually(partial(_first_prompt, await DirectGet.open(broker)), bool)
    assert prompt is not None
    reply_log = await ReplyLog.open(broker)
    await eventually(partial(reply_log.read, prompt.reply_id), lambda stored: len(stored) > 2)
    call.cancel()
    freed = await asyncio.to_thread(worker.wait_for_event, "slot_freed")
    assert freed["reply_id"] == prompt.reply_id
    event = await agreed_event(broker, reply_log, prompt)
    assert event.status == "cancelled"
    assert 0 < event.usage.completion_tokens < LONG["max_tokens"]


async def _first_prompt(reader: DirectGet) -> PromptSubmitted | None:
    messages, _ = await reader.read(
        CHAT, {"seq": 1, "next_by_subj": subjects.ALL_PROMPTS, "batch": 1}
    )
    event = decode_event(messages[0].data) if messages else None
    return event if isinstance(event, PromptSubmitted) else None


async def test_a_stopped_worker_wakes_to_a_reply_that_has_ended(
    http: httpx.AsyncClient, worker: WorkerProcess, broker: Client, model: str
) -> None:
    watched = Watched(await ask(http, model))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watched.read(http))
        await eventually(watched.has_text, bool)
        worker.pause()
        assert await cancel(http, watched.reply_id) == ("cancelled", False)
    before = text_of(watched.seen)
    worker.signal(signal.SIGCONT)
    await asyncio.to_thread(worker.wait_for_event, "reply_finished")
    assert text_of(watched.seen) == before
    await agree(http, broker, watched)


async def test_an_orphaned_reply_ends_without_its_worker(
    http: httpx.AsyncClient, worker: WorkerProcess, broker: Client, model: str
) -> None:
    watched = Watched(await ask(http, model))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watched.read(http))
        await eventually(watched.has_text, bool)
        worker.kill()
        # No worker listens at all, and the broker says so. For all that is known this one has only
        # lost its connection, until its beacons have been missing for a while.
        assert await cancel(http, watched.reply_id) == ("cancelled", False)
        await eventually(
            partial(cancel, http, watched.reply_id), lambda result: result == ("cancelled", True)
        )
    await agree(http, broker, watched)


async def test_a_worker_that_comes_later_leaves_a_cancelled_prompt_alone(
    http: httpx.AsyncClient,
    worker: WorkerProcess,
    broker: Client,
    model: str,
    tmp_path: Path,
    fresh_nats_server: NatsServer,
) -> None:
    worker.stop()
    watched = Watched(await ask(http, model))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watched.read(http))
        assert await cancel(http, watched.reply_id) == ("cancelled", True)
    later = WorkerProcess(tmp_path, fresh_nats_server.url, MODEL=model)
    try:
        await asyncio.to_thread(later.start)
        await asyncio.to_thread(later.wait_for_event, "reply_finished")
        assert text_of(watched.seen) == ""
        await agree(http, broker, watched)
    finally:
        await asyncio.to_thread(later.stop)


async def test_cancels_among_takeovers_have_one_result_each(
    http: httpx.AsyncClient,
    worker: WorkerProcess,
    broker: Client,
    model: str,
    tmp_path: Path,
    fresh_nats_server: NatsServer,
) -> None:
    second = WorkerProcess(tmp_path, fresh_nats_server.url, MODEL=model)
    try:
        await asyncio.to_thread(second.start)
        replies = [Watched(await ask(http, model, f"Prompt {n}")) for n in range(8)]
        async with asyncio.TaskGroup() as tasks:
            for watched in replies:
                tasks.create_task(watched.read(http))
                await eventually(watched.has_text, bool)
            worker.pause()
            for number, watched in enumerate(replies):
                tasks.create_task(_cancel_after(http, watched, 0.3 * number))
            await asyncio.sleep(1.5)  # Longer than ack_wait: the second takes over meanwhile.
            worker.signal(signal.SIGCONT)
        for watched in replies:
            await agree(http, broker, watched)
    finally:
        await asyncio.to_thread(second.stop)


async def _cancel_after(http: httpx.AsyncClient, watched: Watched, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    first, again = await asyncio.gather(
        cancel(http, watched.reply_id), cancel(http, watched.reply_id)
    )
    assert first[0] == again[0] == "cancelled"
