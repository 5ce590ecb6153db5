"""People with conversations, a worker that answers them, and the history."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from schemas.streams import CHAT, HISTORY_CONSUMER
from tests.analytics.consumer_process import consumers, eventually, publisher
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.users import new_user


class Talker(NamedTuple):
    """Somebody with a key, and the worker that answers them."""

    http: httpx.AsyncClient
    user_id: str
    worker: StandInWorker
    model: str

    async def ask(self, content: str, **more: Any) -> dict[str, Any]:
        """Submit a prompt; return the ids."""
        body = {"model": self.model, "content": content, **more}
        answer = await self.http.post("/api/prompts", json=body)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def talk(self, content: str, answer: str, **more: Any) -> dict[str, Any]:
        """Submit a prompt and have it answered; return the ids."""
        accepted = await self.ask(content, **more)
        await self.worker.answer(answer)
        return accepted

    async def open(self, conversation_id: str) -> dict[str, Any]:
        """Return a conversation with its messages."""
        answer = await self.http.get(f"/api/conversations/{conversation_id}")
        assert answer.status_code == 200, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    async def titles(self, **query: Any) -> list[str]:
        """Return the titles of the first page of the list."""
        answer = await self.http.get("/api/conversations", params=query)
        return [entry["title"] for entry in answer.json()["data"]]


@pytest.fixture(scope="package")
def history(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The consumer that writes the history."""
    folder: Path = tmp_path_factory.mktemp("history")
    urls = {"RIVULET_NATS_URL": nats_url, "RIVULET_MONGO_URL": mongo_url}
    with consumers(folder, "history", **urls) as process:
        process.wait_until_started()
        # Other tests have left events that nobody waits for.
        asyncio.run(_settled(nats_url))
        yield


async def _settled(nats_url: str) -> None:
    async def waiting() -> tuple[int | None, int | None]:
        info = await broker.jetstream().consumer_info(CHAT, HISTORY_CONSUMER)
        return info.num_pending, info.num_ack_pending

    async with publisher(nats_url) as broker:
        await eventually(waiting, (0, 0))


async def talker(
    gateway: GatewayProcess, mongo_url: str, worker: StandInWorker, model: str
) -> AsyncIterator[Talker]:
    user = await new_user(mongo_url)
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=20) as http:
        yield Talker(http, user.user_id, worker, model)


@pytest.fixture
async def ada(
    history: None, gateway: GatewayProcess, mongo_url: str, worker: StandInWorker, model: str
) -> AsyncIterator[Talker]:
    """Somebody new."""
    async for somebody in talker(gateway, mongo_url, worker, model):
        yield somebody


@pytest.fixture
async def bob(
    history: None, gateway: GatewayProcess, mongo_url: str, worker: StandInWorker, model: str
) -> AsyncIterator[Talker]:
    """Somebody else."""
    async for somebody in talker(gateway, mongo_url, worker, model):
        yield somebody
