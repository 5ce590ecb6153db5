"""Who may open a socket, and the ways to say who one is."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.impatient_gateway import ImpatientGateway
from tests.gateway.socket.socket_client import SocketClient, address, open_socket, unready_socket
from tests.support.servers import StoreServer, running

UNKNOWN_KEY = "rvk_" + "x" * 43
READY = {"type": "ready", "max_message_bytes": 4_194_304, "max_subscriptions": 64}


def subprotocols(*names: str) -> dict[str, Any]:
    return {"subprotocols": names}


def header(key: str) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"Bearer {key}"}}


async def refused(client: SocketClient, code: int, error_code: str) -> None:
    """Check that the socket says why, and closes."""
    assert (await client.error())["code"] == error_code
    assert await client.closed() == code


async def test_a_key_comes_in_the_header_a_subprotocol_or_the_first_message(
    gateway: GatewayProcess, api_key: str
) -> None:
    async with unready_socket(gateway, **header(api_key)) as client:
        assert await client.next() == READY
        assert client.connection.subprotocol is None
    async with unready_socket(gateway, **subprotocols("rivulet", f"bearer.{api_key}")) as client:
        assert await client.next() == READY
        assert client.connection.subprotocol == "rivulet"
    async with unready_socket(gateway, **subprotocols(f"bearer.{api_key}")) as client:
        assert await client.next() == READY
        assert client.connection.subprotocol == f"bearer.{api_key}"
    async with unready_socket(gateway, **subprotocols("rivulet")) as client:
        assert client.connection.subprotocol == "rivulet"
        await client.say("auth", token=api_key)
        assert await client.next() == READY


@pytest.mark.parametrize("key", [UNKNOWN_KEY, "nonsense", ""])
async def test_a_wrong_key_is_told_and_closes_the_socket(gateway: GatewayProcess, key: str) -> None:
    async with unready_socket(gateway, **header(key)) as client:
        await refused(client, 4401, "invalid_api_key")
    async with unready_socket(gateway, **subprotocols("rivulet", f"bearer.{key}")) as client:
        await refused(client, 4401, "invalid_api_key")
    async with unready_socket(gateway) as client:
        await client.say("auth", token=key)
        await refused(client, 4401, "invalid_api_key")


async def test_without_a_key_the_socket_closes_after_a_while(
    tmp_path: Path, nats_url: str, mongo_url: str
) -> None:
    process = ImpatientGateway(tmp_path, nats_url, mongo_url)
    with running_gateway(process) as gateway:
        async with unready_socket(gateway) as client:
            await refused(client, 4401, "invalid_api_key")
        # Chatter is no reason to wait longer.
        async with unready_socket(gateway) as client, asyncio.TaskGroup() as tasks:
            chatter = tasks.create_task(chat(client))
            assert await client.closed() == 4401
            chatter.cancel()


async def chat(client: SocketClient) -> None:
    while True:
        await client.say("ping")
        await asyncio.sleep(0.05)


async def test_before_the_key_everything_else_is_refused_and_after_it_another_key_is(
    gateway: GatewayProcess, api_key: str
) -> None:
    async with unready_socket(gateway) as client:
        await client.say("ping", ref="early")
        error = await client.error()
        assert (error["code"], error["ref"]) == ("invalid_api_key", "early")
        await client.connection.send("{")
        assert (await client.error())["code"] == "invalid_json"
        await client.say("auth", token=api_key)
        assert await client.next() == READY
        await client.say("auth", token=api_key)
        assert (await client.error())["code"] == "invalid_value"
        await client.say("ping")
        assert (await client.next())["type"] == "pong"


async def test_a_stranger_may_send_little(gateway: GatewayProcess) -> None:
    async with unready_socket(gateway) as client:
        await client.say("auth", token="x" * 20_000)
        await refused(client, 1009, "request_too_large")


async def test_a_store_that_is_away_is_a_reason_to_come_back_later(
    tmp_path: Path, nats_url: str
) -> None:
    with running(StoreServer(tmp_path / "store")) as store:
        process = GatewayProcess(tmp_path / "gateway", nats_url, store.url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            store.stop()
            gateway.wait_for_parts(store=False)
            async with unready_socket(gateway, **header(UNKNOWN_KEY)) as client:
                await refused(client, 1013, "service_unavailable")


async def test_a_page_of_another_origin_is_refused_before_the_upgrade(
    tmp_path: Path, nats_url: str, mongo_url: str
) -> None:
    process = GatewayProcess(
        tmp_path, nats_url, mongo_url, ORIGINS="https://chat.example.com, http://app.example:8080/"
    )
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(store=True)
        key = gateway.dev_key()
        ours = f"http://127.0.0.1:{gateway.port}"
        for origin in (ours, "https://chat.example.com", "http://app.example:8080"):
            async with open_socket(gateway, key, origin=origin):
                pass
        for origin in (
            "https://evil.example.com",
            "http://chat.example.com",
            "https://chat.example.com.evil.example",
            "http://app.example",
            f"http://127.0.0.1:{gateway.port + 1}",
            "http://127.0.0.1",
            "null",
            "nonsense",
            "http://[",
        ):
            with pytest.raises(InvalidStatus) as refusal:
                await connect(address(gateway), origin=origin, proxy=None, **header(key))
            assert refusal.value.response.status_code == 403
            assert b"forbidden_origin" in (refusal.value.response.body or b"")


async def test_what_is_no_websocket_handshake_is_an_http_error(
    http: httpx.AsyncClient, gateway: GatewayProcess
) -> None:
    plain = await http.get("/ws")
    assert (plain.status_code, plain.headers["upgrade"]) == (426, "websocket")
    assert "WebSocket" in plain.json()["error"]["message"]
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    without_key = await http.get("/ws", headers={**upgrade, "Sec-WebSocket-Version": "13"})
    assert without_key.status_code == 400
    assert (await http.post("/ws")).status_code == 405
    with pytest.raises(InvalidStatus) as refusal:
        await connect(address(gateway, "?client=toaster"), proxy=None)
    assert refusal.value.response.status_code == 400


async def test_keys_are_never_logged(tmp_path: Path, nats_url: str, mongo_url: str) -> None:
    process = GatewayProcess(tmp_path, nats_url, mongo_url, LOG_LEVEL="debug")
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(store=True)
        for key in (gateway.dev_key(), UNKNOWN_KEY):
            for options in (header(key), subprotocols("rivulet", f"bearer.{key}")):
                async with unready_socket(gateway, **options) as client:
                    await client.next()
            async with unready_socket(gateway) as client:
                await client.say("auth", token=key)
                await client.next()
            gateway.wait_until(lambda: len(gateway.lines("socket_closed")) % 3 == 0)
            assert key not in gateway.log_path.read_text()
        assert len(gateway.lines("socket_opened")) == 6


async def test_a_socket_that_opens_costs_no_time(gateway: GatewayProcess, api_key: str) -> None:
    began = time.monotonic()
    for _ in range(20):
        async with open_socket(gateway, api_key):
            pass
    # A closing handshake that nobody answers would take two seconds each.
    assert time.monotonic() - began < 20
