"""A user of each test's own, and what that user does on other devices."""

from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from schemas.broker import connect, disconnect
from tests.gateway.feed.devices import Elsewhere
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.users import User, new_user


@pytest.fixture
async def user(mongo_url: str) -> User:
    """A user whom nobody else uses."""
    return await new_user(mongo_url)


@pytest.fixture
async def broker(nats_url: str, gateway: GatewayProcess) -> AsyncIterator[Client]:
    """A connection to the broker of the shared gateway, which has declared the streams."""
    client = await connect(nats_url, "test")
    yield client
    await disconnect(client)


@pytest.fixture
def elsewhere(broker: Client, user: User) -> Elsewhere:
    """The user's other devices."""
    return Elsewhere(broker, user)
