"""The broker connection: it waits, it comes back by itself, and it says so."""

import asyncio
from pathlib import Path

import structlog
from nats.aio.client import Client

from schemas.broker import connect
from tests.support.servers import NatsServer, running


async def close(*clients: Client) -> None:
    for client in clients:
        await client.close()


async def test_connecting_waits_until_the_broker_is_there(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats")
    connecting = asyncio.create_task(connect(server.url, "early"))
    with running(server):
        client = await asyncio.wait_for(connecting, 10)
        assert client.is_connected
        await close(client)


async def test_the_connection_comes_back_after_a_kill_and_tells_its_owner(
    fresh_nats_server: NatsServer,
) -> None:
    back = asyncio.Event()

    async def on_reconnect() -> None:
        back.set()

    client = await connect(fresh_nats_server.url, "steady", on_reconnect=on_reconnect)
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive(message: object) -> None:
        await got.put(getattr(message, "data", b""))

    await client.subscribe("greeting", cb=receive)
    fresh_nats_server.kill()
    await asyncio.to_thread(fresh_nats_server.start)
    await asyncio.wait_for(back.wait(), 10)
    await client.publish("greeting", b"hello")
    assert await asyncio.wait_for(got.get(), 10) == b"hello"
    await close(client)


async def test_each_return_of_the_broker_is_told(fresh_nats_server: NatsServer) -> None:
    returns: asyncio.Queue[None] = asyncio.Queue()

    async def on_reconnect() -> None:
        await returns.put(None)

    client = await connect(fresh_nats_server.url, "steady", on_reconnect=on_reconnect)
    for _ in range(3):
        await asyncio.to_thread(fresh_nats_server.restart)
        await asyncio.wait_for(returns.get(), 10)
    assert returns.empty()
    await close(client)


async def test_a_connection_without_a_callback_comes_back_too(
    fresh_nats_server: NatsServer,
) -> None:
    client = await connect(fresh_nats_server.url, "quiet")
    inbox = client.new_inbox()
    got = asyncio.Event()

    async def receive(_: object) -> None:
        got.set()

    await client.subscribe(inbox, cb=receive)
    fresh_nats_server.kill()
    await asyncio.to_thread(fresh_nats_server.start)
    async with asyncio.timeout(10):
        while not got.is_set():
            # What is handed to a socket that is dead already is lost, as core messages are.
            await client.publish(inbox, b"hello")
            await asyncio.sleep(0.02)
    await close(client)


async def test_a_message_of_the_brokers_8_mb_passes(nats_url: str) -> None:
    client = await connect(nats_url, "large")
    assert client.max_payload == 8 * 1024 * 1024
    got: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def receive(message: object) -> None:
        got.set_result(len(getattr(message, "data", b"")))

    inbox = client.new_inbox()
    await client.subscribe(inbox, cb=receive)
    await client.publish(inbox, b"x" * 8_000_000)
    assert await asyncio.wait_for(got, 10) == 8_000_000
    await close(client)


async def test_an_absent_broker_is_reported_once_and_not_at_every_try(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats")
    tries = 0
    enough = asyncio.Event()

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        if tries >= 10:
            enough.set()
        writer.close()

    with structlog.testing.capture_logs() as records:
        refusing = await asyncio.start_server(refuse, "127.0.0.1", server.port)
        connecting = asyncio.create_task(connect(server.url, "early"))
        await asyncio.wait_for(enough.wait(), 10)
        refusing.close()
        with running(server):
            await close(await asyncio.wait_for(connecting, 10))
    errors = [record["error"] for record in records if record["event"] == "broker_error"]
    # One for the broker that hangs up, and one for the port that nobody holds after it.
    assert 1 <= len(errors) <= 2
