"""The same store tests on a real MongoDB in a container (``make test-docker``)."""

from collections.abc import Iterator

import pymongo
import pytest
from testcontainers.core.container import DockerContainer

from tests.analytics.store_contract import *  # noqa: F403 (the tests themselves)

pytestmark = pytest.mark.docker
_IMAGE = "mongo:8.0"
_PORT = 27017
_START_TIMEOUT_MS = 60_000


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    with DockerContainer(_IMAGE).with_exposed_ports(_PORT) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(_PORT)
        url = f"mongodb://{host}:{port}"
        with pymongo.MongoClient(url, serverSelectionTimeoutMS=_START_TIMEOUT_MS) as client:
            client.admin.command("ping")
        yield url
