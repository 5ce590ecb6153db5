"""Talk to ``/ws`` as a client does, with the ``websockets`` library."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.gateway.gateway_process import GatewayProcess

DEADLINE_S = 20.0

Message = dict[str, Any]


class SocketClient:
    """One socket; messages are the JSON objects that came, in order.

    Places in the queue come when a machine is slow; they are kept apart.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.places: list[Message] = []

    async def say(self, kind: str, **fields: Any) -> None:
        await self.connection.send(orjson.dumps({"type": kind, **fields}).decode())

    async def next(self) -> Message:
        """Return the next message."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                message: Message = orjson.loads(await self.connection.recv())
                if message["type"] != "queue":
                    return message
                self.places.append(message)

    async def until(self, kind: str, **fields: Any) -> list[Message]:
        """Return what comes, up to the first message of a type with these fields."""
        seen: list[Message] = []
        wanted = {"type": kind, **fields}
        while not (seen and seen[-1].items() >= wanted.items()):
            seen.append(await self.next())
        return seen

    async def error(self) -> Message:
        """Return the next message, which must be an error."""
        message = await self.next()
        assert message["type"] == "error", message
        return message

    async def closed(self) -> int:
        """Read to the end; return the close code."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await self.connection.recv()
        await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code

    async def prompt(self, model: str, content: str = "Hello", **fields: Any) -> Message:
        """Submit a prompt; return ``accepted``."""
        await self.say("prompt", ref="r", model=model, content=content, **fields)
        return (await self.until("accepted", ref="r"))[-1]


def address(gateway: GatewayProcess, query: str = "") -> str:
    return f"ws://127.0.0.1:{gateway.port}/ws{query}"


@contextlib.asynccontextmanager
async def unready_socket(
    gateway: GatewayProcess, query: str = "", **options: Any
) -> AsyncIterator[SocketClient]:
    """Open a socket and say nothing yet."""
    async with connect(address(gateway, query), proxy=None, **options) as connection:
        yield SocketClient(connection)


@contextlib.asynccontextmanager
async def open_socket(
    gateway: GatewayProcess, key: str, query: str = "", **options: Any
) -> AsyncIterator[SocketClient]:
    """Open a socket of a client that is known."""
    headers = {"Authorization": f"Bearer {key}"}
    async with unready_socket(gateway, query, additional_headers=headers, **options) as client:
        assert (await client.next())["type"] == "ready"
        yield client


def metric(gateway: GatewayProcess, series: str) -> float:
    """Return a value from ``/metrics``; 0 while it has none. The gateway needs a METRICS_PORT."""
    port = gateway.environment["RIVULET_METRICS_PORT"]
    page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    found = [line for line in page.splitlines() if line.startswith(f"{series} ")]
    return float(found[0].split()[-1]) if found else 0.0


def text_of(messages: list[Message], reply_id: str) -> str:
    """Return the text that the messages add to a reply."""
    deltas = (m for m in messages if m["type"] == "delta" and m["reply_id"] == reply_id)
    return "".join(delta["text"] for delta in deltas)


def kinds(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages]
