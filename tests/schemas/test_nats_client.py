"""Headers are read as nats-py's own parser reads them, nothing said is lost, closed is closed."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, MaxPayloadError, OutboundBufferLimitError

from schemas.broker import PENDING_BYTES, connect, disconnect
from schemas.nats_client import NatsClient
from tests.support.servers import NatsServer

PARTS = st.sampled_from(
    [b"Nats-Sequence", b":", b": ", b"\r\n", b" ", b"\t", b"12", b"\xff", "é".encode(), b"a b"]
)


@given(st.one_of(st.binary(), st.lists(PARTS).map(b"".join)))
def test_any_block_of_bytes_gives_the_same_headers(raw: bytes) -> None:
    assert NatsClient._parse_header_lines(raw) == Client._parse_header_lines(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"Nats-Stream: REPLIES\r\nNats-Subject: reply.R\r\nNats-Sequence: 12\r\n\r\n",
        b"Name:Value\r\nOther:\tx \r\n\r\n",
        b"No colon\r\n: no name\r\nTwo words: x\r\nN\xc3\xa9: x\r\nA: \xff\r\nA: last wins\r\n",
        b"",
    ],
)
def test_blocks_as_brokers_send_them_give_the_same_headers(raw: bytes) -> None:
    for _ in range(2):
        assert NatsClient._parse_header_lines(raw) == Client._parse_header_lines(raw)


async def test_clients_that_are_closed_while_the_broker_is_away_try_no_more(
    fresh_nats_server: NatsServer,
) -> None:
    """Without ``schemas.wait_for`` some three in a hundred went on trying for ever."""
    clients = [await connect(fresh_nats_server.url, "test") for _ in range(150)]
    fresh_nats_server.kill()
    async with asyncio.timeout(10):
        while not all(client.is_reconnecting for client in clients):  # noqa: ASYNC110 (nats-py's)
            await asyncio.sleep(0.01)
    reconnecting = {task for task in asyncio.all_tasks() if "_attempt_reconnect" in repr(task)}
    assert len(reconnecting) == len(clients)

    async def close(client: Client) -> None:
        await asyncio.sleep(random.random() * 0.2)
        await disconnect(client)

    await asyncio.gather(*map(close, clients))
    assert all(task.done() for task in reconnecting)
    assert all(client.is_closed for client in clients)


class Lost:
    """A transport whose connection was lost in this moment, as uvloop has it."""

    def writelines(self, _: object) -> None:
        raise RuntimeError("unable to perform operation on a closed transport")


async def test_what_is_said_while_a_connection_is_lost_goes_with_the_next_one(
    fresh_nats_server: NatsServer,
) -> None:
    client, other = [await connect(fresh_nats_server.url, "test") for _ in range(2)]
    heard = await other.subscribe("said")
    await other.flush()
    # The flusher ends by the same error.
    client._flusher_task.cancel()
    await asyncio.wait([client._flusher_task])
    transport, client._transport = client._transport, Lost()

    listening = await client.subscribe("answer")
    await client.publish("said", b"1", reply="answer")
    client.publish_now("said", b"2", "answer")
    client._transport = transport
    client.abort()

    messages = [await heard.next_msg(10) for _ in range(2)]
    assert [message.data for message in messages] == [b"1", b"2"]
    await messages[0].respond(b"3")
    assert (await listening.next_msg(10)).data == b"3"
    for one in (client, other):
        await disconnect(one)


async def test_messages_that_wait_for_nothing_come_in_order_with_those_that_do(
    fresh_nats_server: NatsServer,
) -> None:
    client, other = [await connect(fresh_nats_server.url, "test") for _ in range(2)]
    heard = await other.subscribe("said")
    await other.flush()
    for number in range(0, 400, 2):
        client.publish_now("said", b"%d" % number, "answer" if number % 4 else "")
        await client.publish("said", b"%d" % (number + 1))
    messages = [await heard.next_msg(10) for _ in range(400)]
    assert [message.data for message in messages] == [b"%d" % number for number in range(400)]
    assert [message.reply for message in messages[0:4:2]] == ["", "answer"]
    for one in (client, other):
        await disconnect(one)


async def test_what_cannot_be_taken_at_once_is_refused(fresh_nats_server: NatsServer) -> None:
    client = await connect(fresh_nats_server.url, "test")
    with pytest.raises(MaxPayloadError):
        client.publish_now("said", bytes(client.max_payload + 1))
    for _ in range(PENDING_BYTES // 500_000):
        client.publish_now("said", bytes(500_000))
    with pytest.raises(OutboundBufferLimitError):
        client.publish_now("said", bytes(500_000))
    await client.flush()
    heard = await client.subscribe("said")
    await client.flush()
    client.publish_now("said", b"there is room again")
    # Nothing else is said meanwhile that would take it along.
    assert (await heard.next_msg(1)).data == b"there is room again"
    await disconnect(client)
    with pytest.raises(ConnectionClosedError):
        client.publish_now("said", b"too late")
