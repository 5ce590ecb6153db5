"""Gateway processes come and go; a client goes on elsewhere with its cursors."""

import asyncio
import re
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.socket_client import (
    Message,
    SocketClient,
    kinds,
    metric,
    open_socket,
    text_of,
    unready_socket,
)
from tests.gateway.stand_in_worker import StandInWorker, Writer
from tests.support.servers import NatsServer, free_port

REPLIES = 8
PAGE = Path(__file__).parents[3] / "docs" / "websocket.md"


def two_gateways(
    stack: AsyncExitStack, tmp_path: Path, nats_url: str, mongo_url: str, **settings: str
) -> list[GatewayProcess]:
    """Run two processes of one instance, each with a port of its own."""
    gateways = []
    for _ in range(2):
        process = GatewayProcess(tmp_path, nats_url, mongo_url, **settings)
        gateways.append(stack.enter_context(running_gateway(process)))
        gateways[-1].wait_for_parts(broker=True, store=True)
    return gateways


async def speak(writer: Writer, pieces: int) -> None:
    for number in range(pieces):
        await writer.say(f"{writer.prompt.messages[-1].content}:{number} ")
        await asyncio.sleep(0.005)
    await writer.end()


async def restored(client: SocketClient, seen: dict[str, list[Message]]) -> None:
    """Subscribe to each reply with the cursor of its last message, and read all to their ends."""
    open_replies = {
        reply_id: next((m["cursor"] for m in reversed(messages) if "cursor" in m), None)
        for reply_id, messages in seen.items()
        if "end" not in kinds(messages)
    }
    for reply_id, cursor in open_replies.items():
        await client.say("subscribe", reply_id=reply_id, after=cursor)
    while open_replies:
        message = await client.next()
        seen[message["reply_id"]].append(message)
        if message["type"] == "end":
            del open_replies[message["reply_id"]]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_process_that_goes_costs_no_token_of_any_reply(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str, how: signal.Signals
) -> None:
    async with AsyncExitStack() as stack:
        first, second = two_gateways(stack, tmp_path, nats_url, mongo_url)
        key = first.dev_key()
        worker = await stack.enter_async_context(StandInWorker.serving(nats_url, model))
        client = await stack.enter_async_context(open_socket(first, key))
        seen: dict[str, list[Message]] = {}
        for number in range(REPLIES):
            seen[(await client.prompt(model, str(number)))["reply_id"]] = []
        writers = [await worker.attempt(await worker.next_prompt()) for _ in range(REPLIES)]
        async with asyncio.TaskGroup() as tasks:
            for writer in writers:
                tasks.create_task(speak(writer, 60))
            for _ in range(20 * REPLIES):
                message = await client.next()
                seen[message["reply_id"]].append(message)
            first.process.send_signal(how)  # type: ignore[union-attr]
            code = await client.closed()
            assert code == (1012 if how == signal.SIGTERM else 1006)
            other = await stack.enter_async_context(open_socket(second, key))
            await restored(other, seen)
        for writer in writers:
            messages = seen[writer.prompt.reply_id]
            assert text_of(messages, writer.prompt.reply_id) == "".join(writer.texts)
            assert kinds(messages).count("end") == 1


async def test_a_prompt_whose_answer_was_lost_is_sent_again_and_generated_once(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    async with AsyncExitStack() as stack:
        first, second = two_gateways(stack, tmp_path, nats_url, mongo_url)
        key = first.dev_key()
        worker = await stack.enter_async_context(StandInWorker.serving(nats_url, model))
        fields = {"ref": "1", "model": model, "content": "x", "idempotency_key": f"lost-{model}"}
        async with open_socket(first, key) as client:
            await client.say("prompt", **fields)
            event = await worker.next_prompt()
            assert first.process is not None
            first.process.kill()
            await client.closed()
        async with open_socket(second, key) as client:
            await client.say("prompt", **fields)
            accepted = await client.next()
            assert accepted["reply_id"] == event.reply_id
            writer = await worker.attempt(event)
            await writer.say("once")
            await writer.end()
            assert text_of(await client.until("end"), event.reply_id) == "once"


async def test_a_process_that_stops_is_not_held_up_by_its_sockets(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    process = GatewayProcess(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with (
            StandInWorker.serving(nats_url, model),
            open_socket(gateway, key) as idle,
            open_socket(gateway, key) as reading,
            open_socket(gateway, key, max_queue=1) as deaf,
            unready_socket(gateway) as unknown,
        ):
            await reading.prompt(model)
            deaf.connection.transport.pause_reading()
            began = time.monotonic()
            status, _ = await asyncio.to_thread(gateway.stop)
            for client in (idle, reading, unknown):
                assert await client.closed() == 1012
            assert status == 0
            # A process that waits for its peers' patience would take ten.
            assert time.monotonic() - began < 6
            deaf.connection.transport.abort()
        assert gateway.lines("gateway_stopped")
        assert not gateway.lines("socket_failed")


async def test_a_broker_restart_is_a_pause_and_the_socket_stays_open(
    tmp_path: Path, mongo_url: str, model: str, fresh_nats_server: NatsServer
) -> None:
    process = GatewayProcess(tmp_path / "gateway", fresh_nats_server.url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        async with (
            StandInWorker.serving(fresh_nats_server.url, model) as worker,
            open_socket(gateway, gateway.dev_key()) as client,
        ):
            reply_id = (await client.prompt(model))["reply_id"]
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("before")
            seen = await client.until("delta")
            fresh_nats_server.kill()
            gateway.wait_for_parts(broker=False)
            await client.say("prompt", ref="2", model=model, content="x")
            error = await client.error()
            assert (error["code"], error["ref"]) == ("service_unavailable", "2")
            assert error["retry_after_s"] >= 1
            await client.say("cancel", ref="3", reply_id=reply_id)
            assert (await client.error())["code"] == "service_unavailable"
            fresh_nats_server.start()
            gateway.wait_for_parts(broker=True)
            await worker.connected()
            await writer.say(" after")
            await writer.end()
            assert text_of(seen + await client.until("end"), reply_id) == "before after"


async def test_what_happens_on_sockets_is_counted(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    process = GatewayProcess(tmp_path, nats_url, mongo_url, METRICS_PORT=str(free_port()))
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            open_socket(gateway, gateway.dev_key()) as client,
        ):
            assert metric(gateway, "rivulet_gateway_sockets_open") == 1
            await client.prompt(model)
            assert metric(gateway, "rivulet_gateway_socket_subscriptions") == 1
            await worker.answer("hi")
            await client.until("end")
            await client.connection.send("nonsense")
            await client.error()
            await client.say("subscribe", reply_id="x")
            await client.error()
            received = 'rivulet_gateway_socket_messages_received_total{type="%s"}'
            assert metric(gateway, received % "prompt") == 1
            assert metric(gateway, received % "invalid") == 1
            errors = 'rivulet_gateway_socket_errors_total{code="%s"}'
            assert metric(gateway, errors % "invalid_json") == 1
            assert metric(gateway, errors % "not_found") == 1
            assert metric(gateway, "rivulet_gateway_socket_subscriptions") == 0
            assert metric(gateway, 'rivulet_gateway_replies_read_total{status="completed"}') == 1
        gateway.wait_until(lambda: metric(gateway, "rivulet_gateway_sockets_open") == 0)


async def test_the_pages_python_client_reads_a_reply_over_a_restart(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"```python\n(.*?)\nprint\(", PAGE.read_text(), flags=re.S)
    assert code is not None
    example: dict[str, object] = {}
    exec(code[1], example)
    ask = example["ask"]
    assert callable(ask)
    process = GatewayProcess(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            asyncio.TaskGroup() as tasks,
        ):
            asking = tasks.create_task(ask(f"ws://127.0.0.1:{gateway.port}/ws", key, model, "Hi"))
            writer = await worker.attempt(await worker.next_prompt())
            await writer.say("one")
            await asyncio.to_thread(gateway.stop)
            await writer.say(" two")
            await asyncio.to_thread(gateway.start)
            await writer.say(" three")
            await writer.end()
        assert asking.result() == "completed"
    assert capsys.readouterr().out == "one two three"
