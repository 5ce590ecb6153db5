"""The broker connection: it waits, it comes back by itself, and it says so."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest
import structlog
from nats.aio.client import Client
from nats.errors import OutboundBufferLimitError

from schemas.broker import connect, disconnect
from tests.support.pausing import pause
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


class VanishingHost:
    """A host in front of the broker, of which connections are forgotten without a word."""

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def listen(self) -> asyncio.Server:
        listener = socket.socket()
        # Little is taken by the kernel of a host that is gone.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        return await asyncio.start_server(self._serve, sock=listener)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", self._broker_port)
        self._writers += [writer, upstream[1]]
        for source, sink in ((reader, upstream[1]), (upstream[0], writer)):
            self._pumps.add(asyncio.create_task(self._pump(source, sink)))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()

    def vanish(self) -> None:
        for pump in self._pumps:
            pump.cancel()

    async def end(self) -> None:
        self.vanish()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self._writers), return_exceptions=True
        )


async def test_a_host_that_vanished_with_much_still_to_be_sent_is_left_behind(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schemas.broker._PING_INTERVAL_S", 0.2)
    host = VanishingHost(nats_server.port)
    back = asyncio.Event()

    async def on_reconnect() -> None:
        back.set()

    async with await host.listen():
        client = await connect(f"nats://127.0.0.1:{host.port}", "left", on_reconnect=on_reconnect)
        host.vanish()
        publishing = [client.publish("nobody", b"x" * 1_000_000) for _ in range(20)]
        # Those for which there is no room fail.
        await asyncio.gather(*publishing, return_exceptions=True)
        await asyncio.wait_for(back.wait(), 10)
        assert client.is_connected
        await close(client)
        await host.end()


async def test_what_a_broker_does_not_take_is_bounded(
    fresh_nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schemas.broker._FLUSH_S", 0.1)
    client = await connect(fresh_nats_server.url, "stuck")
    assert fresh_nats_server.process is not None
    pause(fresh_nats_server.process.pid)
    publishing = [
        asyncio.create_task(client.publish("nobody", b"x" * 1_000_000)) for _ in range(60)
    ]
    await asyncio.wait(publishing, timeout=10)
    failures = [task.exception() for task in publishing]
    assert any(isinstance(failure, OutboundBufferLimitError) for failure in failures)
    assert client.pending_data_size <= 8 * 1024 * 1024
    fresh_nats_server.process.send_signal(signal.SIGCONT)
    # Once it takes them again, messages pass as ever.
    async with asyncio.timeout(10):
        while client.pending_data_size:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    await client.publish("nobody", b"x")
    await client.flush()
    await disconnect(client)


async def test_a_publish_to_a_broker_that_takes_nothing_can_be_cancelled(
    fresh_nats_server: NatsServer,
) -> None:
    client = await connect(fresh_nats_server.url, "stuck")
    assert fresh_nats_server.process is not None
    pause(fresh_nats_server.process.pid)
    publishing = [
        asyncio.create_task(client.publish("nobody", b"x" * 1_000_000)) for _ in range(30)
    ]
    await asyncio.sleep(0.2)
    stuck = [task for task in publishing if not task.done()]
    assert stuck
    for task in stuck:
        task.cancel()
    await asyncio.wait(stuck, timeout=1)
    assert all(task.cancelled() for task in stuck)
    await disconnect(client)
    fresh_nats_server.process.send_signal(signal.SIGCONT)


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
