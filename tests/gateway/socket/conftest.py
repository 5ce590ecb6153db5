"""A socket of the user dev on the shared gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.socket.socket_client import SocketClient, open_socket


@pytest.fixture
async def client(gateway: GatewayProcess, api_key: str) -> AsyncIterator[SocketClient]:
    """A client that is known."""
    async with open_socket(gateway, api_key) as client:
        yield client
