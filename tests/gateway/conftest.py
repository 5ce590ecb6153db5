"""A gateway process that tests share, and a model and worker of each test's own."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.analytics.consumer_process import consumers
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker


@pytest.fixture(scope="session")
def gateway(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """The gateway that tests share; a test must not stop it."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway"), nats_url, mongo_url)
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        yield gateway


@pytest.fixture(scope="session")
def api_key(gateway: GatewayProcess) -> str:
    """The key of the user dev."""
    return gateway.dev_key()


@pytest.fixture
def model() -> str:
    """A model that no other test uses; its id needs encoding in subjects."""
    return f"org/model.{secrets.token_hex(4)}"


@pytest.fixture
async def worker(nats_url: str, model: str) -> AsyncIterator[StandInWorker]:
    """A worker of this test's model."""
    async with StandInWorker.serving(nats_url, model) as worker:
        yield worker


@pytest.fixture
async def http(gateway: GatewayProcess, api_key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the shared gateway that is signed in."""
    async with httpx.AsyncClient(
        base_url=gateway.url, headers={"Authorization": f"Bearer {api_key}"}, timeout=20
    ) as client:
        yield client


@pytest.fixture(scope="module")
def history(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The consumer that writes the history."""
    folder: Path = tmp_path_factory.mktemp("history")
    with consumers(folder, "history", RIVULET_NATS_URL=nats_url, RIVULET_MONGO_URL=mongo_url):
        yield
