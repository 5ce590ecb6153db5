"""Every route is asked what the OpenAPI description allows, and what it does not.

schemathesis makes the requests, as an admin. None may end as a 500 or otherwise than described.
"""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.openapi import openapi_document
from gateway.store_client import open_store
from tests.analytics.consumer_process import consumers
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.support.servers import NatsServer, StoreServer, running

_CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Its answer has no end, and an event's `data` is JSON in a text: tests/gateway/feed reads it.
schema = schemathesis.openapi.from_dict(openapi_document()).exclude(path="/api/events")


@pytest.fixture(scope="module")
def every_route(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway with a history, on a store of its own: others would be locked out by failures."""
    folder: Path = tmp_path_factory.mktemp("every-route")
    with running(NatsServer(folder / "nats")) as nats, running(StoreServer(folder / "s")) as store:
        urls = {"RIVULET_NATS_URL": nats.url, "RIVULET_MONGO_URL": store.url}
        process = GatewayProcess(folder, nats.url, store.url, REGISTRATION="open")
        with (
            consumers(folder / "history", "history", **urls) as history,
            running_gateway(process) as gateway,
        ):
            history.wait_until_started()
            gateway.wait_for_parts(broker=True, store=True)
            yield gateway


@pytest.fixture
def admin_token(every_route: GatewayProcess) -> str:
    """The access token of an admin of this test's own: some routes end sessions."""
    code = asyncio.run(_invitation(every_route.environment["RIVULET_MONGO_URL"]))
    email = f"{secrets.token_hex(6)}@example.org"
    body = {"email": email, "password": secrets.token_hex(12), "name": "Ada", "code": code}
    answer = httpx.post(f"{every_route.url}/api/auth/register", json=body, timeout=20)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


async def _invitation(mongo_url: str) -> str:
    async with open_store(mongo_url) as store:
        _, code = await MongoInvitationStore(store).invite("a test", "admin", "")
    return code


@schema.parametrize()
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_ends_as_a_500_or_otherwise_than_described(
    case: schemathesis.Case, every_route: GatewayProcess, admin_token: str
) -> None:
    headers = {"Authorization": f"Bearer {admin_token}"}
    response = case.call(base_url=every_route.url, headers=headers)
    assert response.status_code != 500, response.text
    case.validate_response(response, checks=_CHECKS)
