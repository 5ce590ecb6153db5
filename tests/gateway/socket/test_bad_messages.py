"""What is wrong is said, and the socket stays open."""

import asyncio
import contextlib
import os
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.socket.socket_client import SocketClient, open_socket
from tests.gateway.stand_in_worker import StandInWorker

REPLY = "0" * 36
# Refused at the header; without it, noise is now and then a frame that waits for its rest.
RESERVED_OPCODE = b"\xfb"


async def is_alive(client: SocketClient) -> bool:
    await client.say("ping", ref="alive")
    return await client.next() == {"type": "pong", "ref": "alive"}


@pytest.mark.parametrize(
    ("sent", "code", "param"),
    [
        ("", "invalid_json", None),
        ("{", "invalid_json", None),
        ('{"type":"ping"} {"type":"ping"}', "invalid_json", None),
        ('{"type":"ping","ref":"\\ud800"}', "invalid_json", None),
        ("[" * 5_000, "invalid_json", None),
        ("[]", "invalid_type", None),
        ('"ping"', "invalid_type", None),
        ("null", "invalid_type", None),
        ("{}", "missing_required_parameter", "type"),
        ('{"type":null}', "missing_required_parameter", "type"),
        ('{"type":7}', "invalid_type", "type"),
        ('{"type":["ping"]}', "invalid_type", "type"),
        ('{"type":"dance"}', "unknown_type", "type"),
        ('{"type":"ready"}', "unknown_type", "type"),
        ('{"type":"ping","loud":true}', "unsupported_parameter", "loud"),
        ('{"type":"ping","ref":7}', "invalid_type", "ref"),
        ('{"type":"ping","ref":""}', "invalid_value", "ref"),
        ('{"type":"subscribe"}', "missing_required_parameter", "reply_id"),
        ('{"type":"subscribe","reply_id":7}', "invalid_type", "reply_id"),
        (f'{{"type":"subscribe","reply_id":"{REPLY}","after":7}}', "invalid_type", "after"),
        (f'{{"type":"subscribe","reply_id":"{REPLY}","from":1}}', "unsupported_parameter", "from"),
        ('{"type":"unsubscribe"}', "missing_required_parameter", "reply_id"),
        ('{"type":"cancel","reply_id":null}', "missing_required_parameter", "reply_id"),
        ('{"type":"prompt","model":"m","content":"x"}', "missing_required_parameter", "ref"),
        ('{"type":"prompt","ref":"r","content":"x"}', "missing_required_parameter", "model"),
        ('{"type":"prompt","ref":"r","model":"m"}', "missing_required_parameter", "content"),
        ('{"type":"prompt","ref":"r","model":"m","content":""}', "invalid_value", "content"),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","params":{"top_p":2}}',
            "invalid_value",
            "params.top_p",
        ),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","params":{"tools":[]}}',
            "unsupported_parameter",
            "params.tools",
        ),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","idempotency_key":""}',
            "invalid_value",
            "idempotency_key",
        ),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","idempotency_key":"é"}',
            "invalid_value",
            "idempotency_key",
        ),
        ('{"type":"prompt","ref":"r","model":"none","content":"x"}', "model_not_found", "model"),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","parent_id":"p"}',
            "invalid_value",
            "parent_id",
        ),
        (
            '{"type":"prompt","ref":"r","model":"m","content":"x","conversation_id":"c"}',
            "not_found",
            "conversation_id",
        ),
    ],
)
async def test_a_bad_message_is_answered_with_its_fault(
    client: SocketClient, sent: str, code: str, param: str | None
) -> None:
    await client.connection.send(sent)
    error = await client.error()
    assert (error["code"], error.get("param")) == (code, param)
    assert error["message"].endswith(".")
    if '"ref":"r"' in sent:
        assert error["ref"] == "r"
    assert await is_alive(client)


async def test_an_unknown_field_is_refused_with_the_page_that_lists_them(
    client: SocketClient,
) -> None:
    await client.say("ping", loud=True)
    assert "docs/websocket.md lists" in (await client.error())["message"]


async def test_a_binary_message_is_refused(client: SocketClient) -> None:
    await client.connection.send(b'{"type":"ping"}')
    assert (await client.error())["code"] == "invalid_type"
    assert await is_alive(client)


async def test_a_message_in_fragments_is_one_message(client: SocketClient) -> None:
    # In the middle of a character, too.
    data = orjson.dumps({"type": "ping", "ref": "🌊"}).decode()
    await client.connection.send(iter(data))
    assert await client.next() == {"type": "pong", "ref": "🌊"}


async def test_a_message_as_large_as_is_allowed_is_taken_and_a_larger_one_closes_the_socket(
    gateway: GatewayProcess, api_key: str
) -> None:
    async with open_socket(gateway, api_key) as client:
        empty = orjson.dumps({"type": "ping", "x": ""}).decode()
        await client.connection.send(empty[:-2] + "x" * (4_194_304 - len(empty)) + '"}')
        assert (await client.error())["code"] == "unsupported_parameter"
        await client.say("ping", x="x" * 4_194_304)
        assert (await client.error())["code"] == "request_too_large"
        assert await client.closed() == 1009
    async with open_socket(gateway, api_key) as client:
        # Far too large, in fragments, while the client does not listen yet.
        with contextlib.suppress(ConnectionClosed):
            await client.connection.send("x" * 1_000_000 for _ in range(12))
        assert (await client.error())["code"] == "request_too_large"
        assert await client.closed() == 1009


async def test_text_that_is_not_utf8_closes_the_socket(client: SocketClient) -> None:
    await client.connection.send(b'{"type":"ping","ref":"\xff"}', text=True)
    assert await client.closed() == 1007


async def test_a_flood_of_bad_messages_closes_the_socket_and_good_ones_between_do_not(
    client: SocketClient,
) -> None:
    for _ in range(3):
        for _ in range(99):
            await client.connection.send("nonsense")
        codes = [(await client.error())["code"] for _ in range(99)]
        assert set(codes) == {"invalid_json"}
        assert await is_alive(client)
    for _ in range(100):
        await client.connection.send("nonsense")
    assert await client.closed() == 1008


async def test_a_flood_of_subscriptions_is_refused_beyond_the_limit(
    client: SocketClient, worker: StandInWorker, gateway: GatewayProcess, api_key: str
) -> None:
    async with open_socket(gateway, api_key) as other:
        replies = [(await other.prompt(worker.model))["reply_id"] for _ in range(64)]
        await other.say("prompt", ref="65", model=worker.model, content="one more")
        seen = await other.until("error")
        assert (seen[-1]["code"], seen[-1]["ref"]) == ("too_many_subscriptions", "65")
    for reply_id in replies:
        await client.say("subscribe", reply_id=reply_id)
    await until_caught_up(client, 64)
    extra = await prompt_over_http(gateway, api_key, worker.model)
    await client.say("subscribe", reply_id=extra)
    error = (await client.until("error"))[-1]
    assert (error["code"], error["reply_id"]) == ("too_many_subscriptions", extra)
    # One that is there already may be restarted, and one that is given up makes room.
    await client.say("subscribe", reply_id=replies[0])
    await client.until("caught_up", reply_id=replies[0])
    await client.say("unsubscribe", reply_id=replies[1])
    await client.say("subscribe", reply_id=extra)
    await client.until("caught_up", reply_id=extra)


async def until_caught_up(client: SocketClient, count: int) -> None:
    while count:
        count -= (await client.next())["type"] == "caught_up"


async def prompt_over_http(gateway: GatewayProcess, api_key: str, model: str) -> str:
    async with open_socket(gateway, api_key) as client:
        accepted: dict[str, Any] = await client.prompt(model)
        reply_id: str = accepted["reply_id"]
        return reply_id


async def test_a_flood_of_the_same_subscription_leaves_one(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a")
    for _ in range(200):
        await client.say("subscribe", reply_id=reply_id)
    await client.say("ping", ref="behind them")
    await client.until("pong")
    await writer.say("b")
    await writer.end()
    seen = await client.until("end")
    assert len([m for m in seen if m["type"] == "delta" and m["text"] == "b"]) == 1
    assert await is_alive(client)


async def test_prompts_that_are_refused_leave_their_room(
    client: SocketClient, worker: StandInWorker
) -> None:
    for number in range(80):
        await client.say("prompt", ref=str(number), model="none", content="x")
    refs = {(await client.error())["ref"] for _ in range(80)}
    assert refs == {str(number) for number in range(80)}
    await client.prompt(worker.model)


async def test_noise_on_the_wire_hurts_nobody_else(
    client: SocketClient, gateway: GatewayProcess, api_key: str
) -> None:
    for _ in range(20):
        async with open_socket(gateway, api_key) as other:
            transport: asyncio.WriteTransport = other.connection.transport
            transport.write(RESERVED_OPCODE + os.urandom(2_000))
            await other.closed()
    assert await is_alive(client)
