"""Broker and store come and go; the gateway says which, and recovers by itself."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from tests.gateway.event_reading import events_of, read_reply, text_of
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker
from tests.support.pausing import pause
from tests.support.servers import NatsServer, StoreServer, running

HELLO = [{"role": "user", "content": "Hello"}]
# A loaded machine may take its time to write and fsync; the gateway itself aims at one second.
# Far below the grace for what a gateway has begun, of 25 s; far above what it takes.
STOP_WITHIN_S = 10.0


def client_of(gateway: GatewayProcess, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=gateway.url, headers={"Authorization": f"Bearer {key}"}, timeout=20
    )


async def ask(
    http: httpx.AsyncClient, model: str, *, key: str | None = None, **more: object
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"model": model, "messages": HELLO, **more}
    return await http.post("/v1/chat/completions", json=body, headers=headers)


async def refused(http: httpx.AsyncClient, model: str, path: str = "/v1/chat/completions") -> None:
    """Check that a prompt is refused for now."""
    body = (
        {"model": model, "messages": HELLO} if "chat" in path else {"model": model, "content": "x"}
    )
    response = await http.post(path, json=body)
    assert response.status_code == 503, response.text
    assert response.json()["error"]["code"] == "service_unavailable"
    assert int(response.headers["retry-after"]) >= 1


async def test_a_gateway_that_starts_first_waits_for_everything(tmp_path: Path, model: str) -> None:
    broker, store = NatsServer(tmp_path / "nats"), StoreServer(tmp_path / "store")
    process = GatewayProcess(tmp_path / "gateway", broker.url, store.url)
    with running_gateway(process) as gateway:
        assert gateway.readiness() == {
            "status": "unavailable",
            "broker": False,
            "store": False,
            "worker": False,
        }
        with running(store):
            gateway.wait_for_parts(store=True, broker=False)
            key = gateway.dev_key()
            async with client_of(gateway, key) as http:
                await refused(http, model)
                with running(broker):
                    gateway.wait_for_parts(store=True, broker=True, worker=False)
                    assert (await http.get("/readyz")).status_code == 503
                    async with StandInWorker.serving(broker.url, model) as worker:
                        # In a thread: the worker's beacons need this loop.
                        await asyncio.to_thread(gateway.wait_for_parts, worker=True)
                        assert gateway.readiness()["status"] == "ready"
                        async with asyncio.TaskGroup() as tasks:
                            tasks.create_task(worker.answer("hi"))
                            answer = await http.post(
                                "/v1/chat/completions", json={"model": model, "messages": HELLO}
                            )
                        assert answer.status_code == 200


async def test_an_outage_of_the_store_stops_strangers_and_not_those_who_are_known(
    tmp_path: Path, nats_url: str, model: str
) -> None:
    with running(StoreServer(tmp_path / "store")) as store:
        process = GatewayProcess(tmp_path / "gateway", nats_url, store.url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            key = gateway.dev_key()
            async with (
                StandInWorker.serving(nats_url, model) as worker,
                client_of(gateway, key) as http,
                client_of(gateway, "rvk_" + "x" * 43) as stranger,
            ):
                assert (await http.get("/v1/models")).status_code == 200
                store.stop()
                gateway.wait_for_parts(store=False, broker=True)
                await refused(stranger, model)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(worker.answer("hi"))
                    body = {"model": model, "messages": HELLO}
                    known = await http.post("/v1/chat/completions", json=body)
                assert known.status_code == 200
                store.start()
                gateway.wait_for_parts(store=True)
                assert (await stranger.get("/v1/models")).status_code == 401


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_broker_restart_in_mid_stream_is_a_pause(
    tmp_path: Path, mongo_url: str, model: str, how: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(tmp_path / "gateway", broker.url, mongo_url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            key = gateway.dev_key()
            async with (
                StandInWorker.serving(broker.url, model) as worker,
                client_of(gateway, key) as http,
            ):
                body = {"model": model, "messages": HELLO, "stream": True}
                async with http.stream("POST", "/v1/chat/completions", json=body) as response:
                    writer = await worker.attempt(await worker.next_prompt())
                    await writer.say("before")
                    events = events_of(response)
                    seen = [(await anext(events)).data for _ in range(2)]
                    getattr(broker, how)()
                    gateway.wait_for_parts(broker=False)
                    await refused(http, model)
                    await refused(http, model, "/api/prompts")
                    broker.start()
                    gateway.wait_for_parts(broker=True)
                    await worker.connected()
                    await writer.say(" after")
                    await writer.end()
                    seen += [event.data async for event in events]
    assert seen[-1] == "[DONE]"
    deltas = [chunk["choices"][0]["delta"].get("content") for chunk in seen[:-1]]
    assert "".join(delta or "" for delta in deltas) == "before after"


async def test_a_prompt_that_may_run_is_not_repeated_by_a_client_without_a_key(
    tmp_path: Path, mongo_url: str, model: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(tmp_path / "gateway", broker.url, mongo_url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            async with (
                StandInWorker.serving(broker.url, model) as worker,
                client_of(gateway, gateway.dev_key()) as http,
            ):
                await asyncio.to_thread(gateway.wait_for_parts, worker=True)
                async with asyncio.TaskGroup() as tasks:
                    # From here on the gateway knows the model.
                    tasks.create_task(worker.answer("hi"))
                    await ask(http, model)
                assert broker.process is not None
                pause(broker.process.pid)
                detached, keyed, bound = await asyncio.gather(
                    ask(http, model, store=True),
                    ask(http, model, key="one", store=True),
                    ask(http, model),
                )
                broker.process.send_signal(signal.SIGCONT)
    answers = (detached, keyed, bound)
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all("may run" in answer.text for answer in answers)
    assert [answer.headers.get("x-should-retry") for answer in answers] == ["false", None, None]
    assert [answer.headers.get("retry-after") for answer in answers] == [None, "1", "1"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_is_prompt_and_ends_streams_that_go_on_elsewhere(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str, number: signal.Signals
) -> None:
    first = GatewayProcess(tmp_path / "first", nats_url, mongo_url, SECRET="the same")
    second = GatewayProcess(tmp_path / "second", nats_url, mongo_url, SECRET="the same")
    with running_gateway(first), running_gateway(second):
        first.wait_for_parts(broker=True, store=True)
        second.wait_for_parts(broker=True, store=True)
        key = first.dev_key()
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            client_of(first, key) as one,
            client_of(second, key) as two,
        ):
            accepted = await one.post("/api/prompts", json={"model": model, "content": "Hello"})
            reply_id = accepted.json()["reply_id"]
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("one", " two")
            async with one.stream("GET", f"/api/replies/{reply_id}/events") as response:
                events = events_of(response)
                seen = [await anext(events) for _ in range(3)]
                stopped = asyncio.create_task(asyncio.to_thread(first.stop, number))
                seen += [event async for event in events]
            status, took_s = await stopped
            assert status == 0
            assert took_s < STOP_WITHIN_S
            await writer.say(" three")
            await writer.end()
            last = seen[-1]
            assert last.name == "caught_up"
            rest = await read_reply(two, reply_id, last.event_id)
    assert text_of(seen) == "one two"
    assert text_of(rest) == " three"


async def test_a_stop_is_prompt_while_the_broker_takes_nothing(
    tmp_path: Path, mongo_url: str, model: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(
            tmp_path / "gateway", broker.url, mongo_url, MAX_BODY_BYTES=str(1024 * 1024)
        )
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            async with (
                StandInWorker.serving(broker.url, model) as worker,
                client_of(gateway, gateway.dev_key()) as http,
            ):
                async with asyncio.TaskGroup() as tasks:
                    # From here on the gateway knows the model.
                    tasks.create_task(worker.answer("hi"))
                    await ask(http, model)
                assert broker.process is not None
                pause(broker.process.pid)
                # More than the sockets' own buffers hold.
                body = {"model": model, "content": "x" * 500_000}
                asked = await asyncio.gather(
                    *(http.post("/api/prompts", json=body) for _ in range(40))
                )
                # What the gateway asks by itself every five seconds is stuck, too.
                await asyncio.sleep(5)
                status, took_s = await asyncio.to_thread(gateway.stop)
                broker.process.send_signal(signal.SIGCONT)
    assert {answer.status_code for answer in asked} == {503}
    assert status == 0
    assert took_s < STOP_WITHIN_S


@pytest.mark.parametrize("stream", [False, True])
async def test_a_stop_waits_for_chat_completions_which_cannot_go_on_elsewhere(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str, *, stream: bool
) -> None:
    process = GatewayProcess(tmp_path / "gateway", nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            client_of(gateway, key) as http,
            client_of(gateway, key) as reader,
        ):
            accepted = await reader.post("/api/prompts", json={"model": model, "content": "Hello"})
            await worker.next_prompt()
            reply_id = accepted.json()["reply_id"]
            reading = asyncio.create_task(reader.get(f"/api/replies/{reply_id}/events"))
            body = {"model": model, "messages": HELLO, "stream": stream}
            asked = asyncio.create_task(http.post("/v1/chat/completions", json=body))
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("before")
            stopped = asyncio.create_task(asyncio.to_thread(gateway.stop))
            await asyncio.to_thread(
                gateway.wait_until, lambda: bool(gateway.lines("completions_awaited"))
            )
            # Neither on a new connection nor on one that was in use.
            assert (await reading).status_code == 200
            for client in (http, reader):
                with pytest.raises(httpx.TransportError):
                    await client.get("/healthz")
            await writer.say(" after")
            await writer.end()
            answer = await asked
            status, _ = await stopped
    assert (answer.status_code, status) == (200, 0)
    assert "before" in answer.text
    assert " after" in answer.text
    assert not stream or answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_completion_that_outlasts_the_grace_says_so_and_its_reply_goes_on(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str, *, stream: bool
) -> None:
    first = GatewayProcess(
        tmp_path / "first", nats_url, mongo_url, SECRET="the same", DRAIN_GRACE_S="0.2"
    )
    second = GatewayProcess(tmp_path / "second", nats_url, mongo_url, SECRET="the same")
    with running_gateway(first), running_gateway(second):
        first.wait_for_parts(broker=True, store=True)
        second.wait_for_parts(broker=True, store=True)
        key = first.dev_key()
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            client_of(first, key) as one,
            client_of(second, key) as two,
        ):
            body = {"model": model, "messages": HELLO, "stream": stream}
            asked = asyncio.create_task(one.post("/v1/chat/completions", json=body))
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("before")
            # The head of a stream is on its way before the gateway stops.
            await asyncio.to_thread(first.wait_until, lambda: bool(first.lines("prompt_accepted")))
            status, took_s = await asyncio.to_thread(first.stop)
            answer = await asked
            await writer.say(" after")
            await writer.end()
            rest = await read_reply(two, answer.headers["x-reply-id"])
    assert status == 0
    assert took_s < STOP_WITHIN_S
    assert answer.status_code == (200 if stream else 503)
    assert "service_unavailable" in answer.text
    # An OpenAI client repeats a 503 unless it is told that the reply goes on.
    assert answer.headers.get("x-should-retry") == (None if stream else "false")
    assert "retry-after" not in answer.headers
    assert text_of(rest) == "before after"
