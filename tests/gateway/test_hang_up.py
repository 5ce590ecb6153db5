"""A bound chat completion ends when its client hangs up, and nothing else does."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from schemas.ending import folded
from schemas.events import PromptSubmitted
from schemas.frames import Note
from tests.gateway.event_reading import events_of, text_of
from tests.gateway.eventually import eventually
from tests.gateway.facts import agreed_event, finished_event
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker, prompts_in_log
from tests.support.pausing import pause
from tests.support.servers import NatsServer, running

PIECES = ("Water", " always", " finds")
HELLO = [{"role": "user", "content": "Hello"}]
PATH = "/v1/chat/completions"


def body_of(worker: StandInWorker, **more: Any) -> dict[str, Any]:
    return {"model": worker.model, "messages": HELLO, **more}


async def cancelled(worker: StandInWorker, prompt: PromptSubmitted) -> str:
    """Return the text of a reply that was cancelled and whose worker was told."""
    event = await agreed_event(worker.broker, worker.log, prompt)
    assert event.status == "cancelled"
    await eventually(lambda: _runs(worker, prompt), lambda runs: not runs)
    return event.text


async def _runs(worker: StandInWorker, prompt: PromptSubmitted) -> bool:
    return prompt.reply_id in worker.running


@contextlib.asynccontextmanager
async def abandoned(http: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[None]:
    """Make a call whose client goes away at the end of the block."""
    call = asyncio.create_task(http.post(PATH, json=body))
    try:
        yield
        assert not call.done(), call.result()
    finally:
        call.cancel()
        await asyncio.wait([call])


class RawClient:
    """A client that decides every byte of its connection."""

    def __init__(self, gateway: GatewayProcess, key: str) -> None:
        self._port = gateway.port
        self._key = key

    async def __aenter__(self) -> "RawClient":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    def send(self, body: dict[str, Any]) -> None:
        data = orjson.dumps(body)
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        self.writer.write(head.encode() + data)


async def test_a_client_that_leaves_a_stream_ends_its_reply(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    async with http.stream("POST", PATH, json=body_of(worker, stream=True)) as response:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
        events = events_of(response)
        for _ in range(len(PIECES) + 1):
            await anext(events)
        await events.aclose()
    assert await cancelled(worker, writer.prompt) == "".join(PIECES)


async def test_a_client_that_leaves_while_it_waits_for_the_whole_ends_its_reply(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    async with abandoned(http, body_of(worker)):
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
    assert await cancelled(worker, writer.prompt) == "".join(PIECES)
    # A hang-up is no failure of ours.
    assert {"client_hung_up", "request"} <= _events_of(gateway, writer.prompt.reply_id)
    assert "request_failed" not in _events_of(gateway, writer.prompt.reply_id)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_still_waits_for_a_worker_ends_too(
    http: httpx.AsyncClient, worker: StandInWorker, *, stream: bool
) -> None:
    async with abandoned(http, body_of(worker, stream=stream)):
        prompt = await worker.next_prompt()
    assert await cancelled(worker, prompt) == ""
    register = await worker.log.read_register(prompt.reply_id)
    assert register.claim is not None
    assert register.claim.cancel


@pytest.mark.parametrize("size", [60_000, 70_000, 300_000, 2_000_000])
async def test_a_client_of_a_large_request_is_missed_too(
    http: httpx.AsyncClient, worker: StandInWorker, size: int
) -> None:
    worker.max_model_len = 10_000_000
    body = body_of(worker)
    body["messages"] = [{"role": "user", "content": "x" * size}]
    async with abandoned(http, body):
        writer = await worker.attempt(await worker.next_prompt())
    await cancelled(worker, writer.prompt)


async def test_a_client_that_closes_its_sending_half_has_hung_up(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with RawClient(gateway, api_key) as client:
        client.send(body_of(worker))
        writer = await worker.attempt(await worker.next_prompt())
        client.writer.write_eof()
        await cancelled(worker, writer.prompt)


async def test_a_client_that_resets_its_connection_has_hung_up(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with RawClient(gateway, api_key) as client:
        client.send(body_of(worker, stream=True))
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
        await client.reader.readuntil(b"finds")
        transport: Any = client.writer.transport
        transport.abort()
    assert await cancelled(worker, writer.prompt) == "".join(PIECES)


async def test_a_pipelining_client_ends_the_reply_that_it_waited_for(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with RawClient(gateway, api_key) as client:
        client.send(body_of(worker))
        client.send(body_of(worker))
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
    assert await cancelled(worker, writer.prompt) == "".join(PIECES)
    assert await prompts_in_log(worker.broker, worker.model) == 1


async def test_a_pipelining_client_that_stays_gets_both_replies(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with RawClient(gateway, api_key) as client:
        client.send(body_of(worker))
        client.send(body_of(worker))
        for text in ("first", "second"):
            writer = await worker.answer(text)
            await client.reader.readuntil(f'"content":"{text}"'.encode())
            assert (await finished_event(worker.broker, writer.prompt)).status == "completed"


@pytest.mark.parametrize(
    ("more", "headers"),
    [({"store": True}, {}), ({}, {"Idempotency-Key": "a-key"}), ({"stream": True}, {})],
    ids=["store", "idempotency-key", "bound"],
)
async def test_only_a_bound_reply_is_cancelled(
    http: httpx.AsyncClient,
    worker: StandInWorker,
    gateway: GatewayProcess,
    more: dict[str, Any],
    headers: dict[str, str],
) -> None:
    if headers:
        headers = {"Idempotency-Key": worker.model}
    body = body_of(worker, **{"stream": True, **more})
    async with http.stream("POST", PATH, json=body, headers=headers) as response:
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("one")
        await anext(events_of(response))
    reply_id = writer.prompt.reply_id
    await asyncio.to_thread(
        gateway.wait_until,
        lambda: reply_id in {line.get("reply_id") for line in gateway.lines("stream_closed")},
    )
    if writer.prompt.bound:
        await cancelled(worker, writer.prompt)
        return
    assert "client_hung_up" not in _events_of(gateway, reply_id)
    await writer.say(" two")
    await writer.end()
    event = await agreed_event(worker.broker, worker.log, writer.prompt)
    assert (event.status, event.text) == ("completed", "one two")


def _events_of(gateway: GatewayProcess, reply_id: str) -> set[str]:
    lines = [orjson.loads(line) for line in gateway.log_path.read_bytes().splitlines()]
    return {line["event"] for line in lines if line.get("reply_id") == reply_id}


async def test_leaving_the_events_of_a_reply_does_not_end_it(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    accepted = await http.post("/api/prompts", json={"model": worker.model, "content": "Hello"})
    writer = await worker.attempt(await worker.next_prompt())
    async with http.stream("GET", f"/api/replies/{accepted.json()['reply_id']}/events") as response:
        await writer.say("one")
        await anext(events_of(response))
    await eventually(lambda: worker.subscribers_of(writer.prompt.reply_id), lambda n: n == 0)
    await writer.end()
    assert (await agreed_event(worker.broker, worker.log, writer.prompt)).status == "completed"


async def test_a_client_that_leaves_after_the_last_token_cancels_nothing(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    for stream in (False, True):
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(worker.answer(*PIECES))
            headers = {"Connection": "close"}
            await http.post(PATH, json=body_of(worker, stream=stream), headers=headers)
        prompt = answering.result().prompt
        assert (await finished_event(worker.broker, prompt)).status == "completed"
        register = await worker.log.read_register(prompt.reply_id)
        assert register.claim is not None
        assert not register.claim.cancel
        assert "client_hung_up" not in _events_of(gateway, prompt.reply_id)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_gateway_that_stops_leaves_its_replies_running(
    tmp_path: Path,
    nats_url: str,
    mongo_url: str,
    gateway: GatewayProcess,
    api_key: str,
    worker: StandInWorker,
    *,
    stream: bool,
) -> None:
    stopped = GatewayProcess(
        tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir), DRAIN_GRACE_S="0.2"
    )
    with running_gateway(stopped):
        stopped.wait_for_parts(broker=True, store=True)
        headers = {"Authorization": f"Bearer {api_key}"}
        async with httpx.AsyncClient(base_url=stopped.url, headers=headers, timeout=20) as http:
            call = asyncio.create_task(http.post(PATH, json=body_of(worker, stream=stream)))
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("one")
            status, _ = await asyncio.to_thread(stopped.stop)
            assert status == 0
            await asyncio.wait([call])
            call.cancel()
    assert stopped.lines("client_hung_up") == []
    await writer.say(" two")
    await writer.end()
    event = await agreed_event(worker.broker, worker.log, writer.prompt)
    assert (event.status, event.text) == ("completed", "one two")


async def test_a_gateway_that_cuts_off_a_slow_client_as_it_stops_leaves_the_reply_running(
    tmp_path: Path,
    nats_url: str,
    mongo_url: str,
    gateway: GatewayProcess,
    api_key: str,
    worker: StandInWorker,
) -> None:
    stopped = GatewayProcess(
        tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir), DRAIN_GRACE_S="0.2"
    )
    with running_gateway(stopped):
        stopped.wait_for_parts(broker=True, store=True)
        async with RawClient(stopped, api_key) as client:
            client.send(body_of(worker, stream=True))
            writer = await worker.attempt(await worker.next_prompt())
            await client.reader.readuntil(b"200 OK")
            # More than the sockets hold: the gateway's write does not return any more.
            transport: Any = client.writer.transport
            transport.pause_reading()
            await writer.say(*["x" * 500_000] * 40)
            status, _ = await asyncio.to_thread(stopped.stop)
            assert status == 0
    assert stopped.lines("client_hung_up") == []
    # Nobody has written a cancel: the worker still holds the reply.
    assert await worker.log.append_fenced(writer.prompt.reply_id, Note(1, "alive"), writer.fence)


async def test_a_killed_gateway_leaves_its_replies_running(
    tmp_path: Path,
    nats_url: str,
    mongo_url: str,
    gateway: GatewayProcess,
    api_key: str,
    http: httpx.AsyncClient,
    worker: StandInWorker,
) -> None:
    killed = GatewayProcess(tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir))
    with running_gateway(killed):
        killed.wait_for_parts(broker=True, store=True)
        headers = {"Authorization": f"Bearer {api_key}"}
        async with httpx.AsyncClient(base_url=killed.url, headers=headers) as client:
            call = asyncio.create_task(client.post(PATH, json=body_of(worker)))
            writer = await worker.attempt(await worker.next_prompt())
            await asyncio.to_thread(killed.stop, signal.SIGKILL)
            await asyncio.wait([call])
    await writer.say("one")
    await writer.end()
    async with http.stream("GET", f"/api/replies/{writer.prompt.reply_id}/events") as response:
        assert text_of([event async for event in events_of(response)]) == "one"


async def test_a_hang_up_before_the_prompt_is_acknowledged_leaves_nothing_running(
    tmp_path: Path, mongo_url: str, model: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(tmp_path / "gateway", broker.url, mongo_url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            headers = {"Authorization": f"Bearer {gateway.dev_key()}"}
            async with (
                httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=20) as http,
                StandInWorker.serving(broker.url, model) as worker,
            ):
                await asyncio.to_thread(gateway.wait_for_parts, worker=True)
                async with asyncio.TaskGroup() as tasks:
                    # From here on the gateway knows the model.
                    tasks.create_task(worker.answer("hi"))
                    await http.post(PATH, json=body_of(worker))
                assert broker.process is not None
                async with abandoned(http, body_of(worker, stream=True)):
                    pause(broker.process.pid)
                    # Long enough for the tokens to go uncounted and the prompt to be sent, and
                    # shorter than the acknowledgement is waited for.
                    await asyncio.sleep(2)
                await asyncio.to_thread(
                    gateway.wait_until, lambda: bool(gateway.lines("client_hung_up"))
                )
                broker.process.send_signal(signal.SIGCONT)
                prompt = await worker.next_prompt()
                assert gateway.lines("prompt_accepted")[1:] == []
                reply = await eventually(lambda: _folded(worker, prompt), lambda one: one.end)
                assert reply.end is not None
                assert reply.end.status == "cancelled"


async def _folded(worker: StandInWorker, prompt: PromptSubmitted) -> Any:
    return folded(await worker.log.read(prompt.reply_id))
