"""Clients that read slowly, or nothing, cost bounded memory and lose nothing."""

import asyncio
import base64
import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from schemas.frames import End
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.impatient_gateway import ImpatientGateway
from tests.gateway.socket.socket_client import Message, kinds, metric, open_socket, text_of
from tests.gateway.stand_in_worker import StandInWorker, Writer, encode_frame
from tests.support.servers import free_port

SUBSCRIPTIONS = "rivulet_gateway_socket_subscriptions"
MIB = 1024 * 1024
REPLIES = 16
PIECE = 4_000
PIECES = 1_000
# Of a process that holds one inbox a reply (docs/websocket.md) and one batch, as Python objects,
# and what allocators keep. All the replies together are much more.
HELD_MIB = REPLIES * 1 + 20


async def until(condition: Callable[[], bool]) -> None:
    """Wait without keeping the clients from answering pings."""

    async def look() -> bool:
        return condition()

    await eventually(look, bool)


def resident(gateway: GatewayProcess) -> int:
    assert gateway.process is not None
    return int(psutil.Process(gateway.process.pid).memory_info().rss)


async def speak(writer: Writer, pieces: int, size: int) -> None:
    """Say so many pieces, as fast as the broker takes them, and end the log of the reply.

    The whole text would not fit into ReplyFinished.
    """
    for number in range(pieces):
        delta = writer.delta(f"{number:>{size}}")
        await (writer.write(delta) if number % 64 == 0 else writer.publish(encode_frame(delta)))
        await asyncio.sleep(0)
    end = End(n=writer.n, tokens=len(writer.texts), status="completed", finish_reason="stop")
    await writer.write(end)


async def test_a_client_that_stops_reading_costs_its_inboxes_and_then_gets_every_token(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    process = GatewayProcess(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        async with (
            StandInWorker.serving(nats_url, model) as worker,
            open_socket(gateway, gateway.dev_key(), max_queue=1) as client,
        ):
            for number in range(REPLIES):
                await client.prompt(model, str(number))
            writers = [await worker.attempt(await worker.next_prompt()) for _ in range(REPLIES)]
            before = resident(gateway)
            async with asyncio.TaskGroup() as tasks:
                for writer in writers:
                    tasks.create_task(speak(writer, PIECES, PIECE))
            # Now everything is in the log; give the gateway the time to take what it wants.
            await asyncio.sleep(0.5)
            held_mib = (resident(gateway) - before) / MIB
            assert REPLIES * PIECES * PIECE / MIB > 1.5 * HELD_MIB

            assert held_mib < HELD_MIB
            seen: list[Message] = []
            while kinds(seen).count("end") < REPLIES:
                seen.append(await client.next())
            for writer in writers:
                assert text_of(seen, writer.prompt.reply_id) == "".join(writer.texts)


async def test_a_fat_reply_does_not_starve_a_thin_one(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with open_socket(gateway, api_key) as first:
        fat = (await first.prompt(worker.model))["reply_id"]
        await first.say("unsubscribe", reply_id=fat)
        await speak(await worker.attempt(await worker.next_prompt()), 6_000, PIECE)
    async with open_socket(gateway, api_key, max_queue=1) as client:
        thin = (await client.prompt(worker.model))["reply_id"]
        writer = await worker.attempt(await worker.next_prompt())
        await client.say("subscribe", reply_id=fat)
        await client.until("delta", reply_id=fat)
        await writer.say("thin")
        await writer.end()
        between = await client.until("end", reply_id=thin)
        assert text_of(between, thin) == "thin"
        assert "end" not in kinds([m for m in between if m["reply_id"] == fat])
        rest = await client.until("end", reply_id=fat)
        assert len([m for m in between + rest if m["type"] == "delta"]) == 6_000


async def raw_socket(
    gateway: GatewayProcess, key: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a socket by hand, and read nothing but the head of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
    writer.write(
        (
            f"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {key}\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head
    return reader, writer


def frame(opcode: int, payload: bytes) -> bytes:
    """Return a client's frame; its mask is zero."""
    assert len(payload) < 126
    return struct.pack("!BB4x", 0x80 | opcode, 0x80 | len(payload)) + payload


@pytest.mark.parametrize(
    "sent",
    [frame(0x9, b"x" * 125), frame(0x1, b"nonsense"), frame(0x1, b'{"type":"ping"}')],
    ids=["pings", "nonsense", "ping messages"],
)
async def test_a_flood_from_a_client_that_reads_nothing_stops_at_its_own_door(
    tmp_path: Path, nats_url: str, mongo_url: str, sent: bytes
) -> None:
    process = GatewayProcess(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with open_socket(gateway, key):
            before = resident(gateway)
            _, writer = await raw_socket(gateway, key)
            flood = sent * 2_000
            with contextlib.suppress(TimeoutError, ConnectionError):
                for _ in range(128 * MIB // len(flood)):
                    writer.write(flood)
                    await asyncio.wait_for(writer.drain(), 1)
                assert b"nonsense" in sent, "the gateway took everything"
            assert (resident(gateway) - before) / MIB < 8
            writer.transport.abort()
        gateway.wait_until(lambda: len(gateway.lines("socket_closed")) == 2)


async def test_a_peer_that_is_gone_is_found_and_what_it_held_is_released(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    process = ImpatientGateway(tmp_path, nats_url, mongo_url, METRICS_PORT=str(free_port()))
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with (
            StandInWorker.serving(nats_url, model),
            open_socket(gateway, key) as living,
            open_socket(gateway, key) as client,
        ):
            await client.prompt(model)
            assert metric(gateway, SUBSCRIPTIONS) == 1
            # The kernel still takes what is sent, as a half-open connection's does for a while.
            client.connection.transport.pause_reading()
            await until(lambda: len(gateway.lines("socket_closed")) == 1)
            assert len(gateway.lines("socket_peer_gone")) == 1
            assert metric(gateway, SUBSCRIPTIONS) == 0
            assert metric(gateway, "rivulet_gateway_sockets_open") == 1
            client.connection.transport.abort()
            await living.say("ping")
            assert (await living.next())["type"] == "pong"


async def test_a_client_that_never_reads_is_dropped_in_the_middle_of_a_reply(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    process = ImpatientGateway(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        key = gateway.dev_key()
        async with StandInWorker.serving(nats_url, model) as worker:
            async with open_socket(gateway, key, max_queue=1) as client:
                reply_id = (await client.prompt(model))["reply_id"]
                writer = await worker.attempt(await worker.next_prompt())
                await writer.say("first")
                cursor = (await client.until("delta"))[-1]["cursor"]
                client.connection.transport.pause_reading()
                await speak(writer, 3_000, PIECE)
                await until(lambda: len(gateway.lines("socket_peer_gone")) == 1)
                client.connection.transport.abort()
            async with open_socket(gateway, key) as client:
                await client.say("subscribe", reply_id=reply_id, after=cursor)
                rest = await client.until("end")
                assert text_of(rest, reply_id) == "".join(writer.texts[1:])
