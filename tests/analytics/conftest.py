"""What tests of consumers share; those that need Docker are collected only when asked for."""

from pathlib import Path

import pytest

from tests.support.servers import NatsServer, StoreServer


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    without_docker = "not docker" in str(config.option.markexpr)
    if without_docker and collection_path.name == "test_stores_on_mongodb.py":
        return True
    return None


@pytest.fixture
def urls(fresh_nats_server: NatsServer, fresh_store_server: StoreServer) -> dict[str, str]:
    """Return the settings of consumers on a broker and a store of their own."""
    return {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": fresh_store_server.url,
        "RIVULET_TITLES": "off",
    }
