"""Servers that tests share: one broker and one store a session, fresh ones for fault tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.servers import NatsServer, StoreServer, running

# Properties are checked without a time limit an example: a busy machine is no failure.
settings.register_profile("rivulet", deadline=None)
settings.load_profile("rivulet")


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """The broker that tests share; a test must not stop it."""
    with running(NatsServer(tmp_path_factory.mktemp("nats"))) as server:
        yield server


@pytest.fixture(scope="session")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """The store that tests share; a test must not stop it."""
    with running(StoreServer(tmp_path_factory.mktemp("store"))) as server:
        yield server


@pytest.fixture
def fresh_nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A broker of this test alone, to be killed and restarted."""
    with running(NatsServer(tmp_path / "nats")) as server:
        yield server


@pytest.fixture
def fresh_store_server(tmp_path: Path) -> Iterator[StoreServer]:
    """A store of this test alone, to be killed and restarted."""
    with running(StoreServer(tmp_path / "store")) as server:
        yield server


@pytest.fixture(scope="session")
def nats_url(nats_server: NatsServer) -> str:
    """URL of the shared broker."""
    return nats_server.url


@pytest.fixture(scope="session")
def mongo_url(store_server: StoreServer) -> str:
    """URL of the shared store."""
    return store_server.url
