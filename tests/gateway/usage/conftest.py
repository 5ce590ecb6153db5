"""A gateway with prices, the usage consumer, and people whose replies are counted."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.analytics.consumer_process import consumers
from tests.gateway.accounts.conftest import ada, admin, bob, stranger
from tests.gateway.gateway_process import GatewayProcess, running_gateway

__all__ = ["ada", "admin", "bob", "stranger"]
HOUR_MS = 3_600_000
PRICES = {"currency": "EUR", "models": {"cheap": {"prompt": 1, "cached": 0.5, "completion": 2}}}


@pytest.fixture(scope="package")
def open_gateway(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """A gateway that knows prices and where anybody may register."""
    process = GatewayProcess(
        tmp_path_factory.mktemp("priced"),
        nats_url,
        mongo_url,
        REGISTRATION="open",
        PROXIES="1",
        PRICES=json.dumps(PRICES),
    )
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        yield gateway


@pytest.fixture(scope="package")
def counting(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The consumer that counts usage."""
    folder: Path = tmp_path_factory.mktemp("usage")
    with consumers(
        folder, "usage", RIVULET_NATS_URL=nats_url, RIVULET_MONGO_URL=mongo_url
    ) as process:
        process.wait_until_started()
        yield


@pytest.fixture
def this_hour_ms() -> int:
    """When this hour began."""
    now_ms = time.time_ns() // 1_000_000
    return now_ms - now_ms % HOUR_MS


def without_cost(sums: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sums.items() if name != "cost"}
