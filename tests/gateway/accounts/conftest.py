"""A gateway that anybody may register at, and people who have."""

import asyncio
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.accounts.login_limits import WINDOW_S
from gateway.store_client import open_store
from tests.gateway.gateway_process import GatewayProcess, running_gateway

PASSWORD = "correct horse battery staple"
# The longest of the tests that count tries, on a slow machine.
_TEST_TAKES_S = 20.0


class Person(NamedTuple):
    """Somebody who has registered; ``http`` is signed in."""

    http: httpx.AsyncClient
    email: str
    body: dict[str, Any]

    @property
    def user_id(self) -> str:
        return str(self.body["user"]["user_id"])


@pytest.fixture(scope="package")
def open_gateway(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """The gateway that these tests share."""
    process = GatewayProcess(
        tmp_path_factory.mktemp("open"),
        nats_url,
        mongo_url,
        REGISTRATION="open",
        SECRET="the same",
        # So that each person of these tests can register from an address of their own.
        PROXIES="1",
    )
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        yield gateway


@pytest.fixture
async def stranger(open_gateway: GatewayProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in."""
    async with httpx.AsyncClient(base_url=open_gateway.url, timeout=20) as http:
        yield http


@pytest.fixture
async def within_a_window() -> None:
    """Wait where a window of tries is nearly over: what a test counts must fall into one."""
    left_s = WINDOW_S - time.time() % WINDOW_S
    if left_s < _TEST_TAKES_S:
        # A little more: the two clocks differ.
        await asyncio.sleep(left_s + 0.1)


def an_email() -> str:
    return f"{secrets.token_hex(6)}@example.org"


def an_address() -> str:
    return str(ipaddress.IPv4Address(0x0A000000 + secrets.randbelow(1 << 24)))


async def register(http: httpx.AsyncClient, **more: Any) -> httpx.Response:
    body = {"email": an_email(), "password": PASSWORD, "name": "Ada", **more}
    headers = {"X-Forwarded-For": an_address()}
    return await http.post("/api/auth/register", json=body, headers=headers)


async def a_person(http: httpx.AsyncClient, **more: Any) -> Person:
    """Register somebody, over a client of their own that the caller closes."""
    email = an_email()
    answer = await register(http, email=email, **more)
    assert answer.status_code == 201, answer.text
    own = httpx.AsyncClient(
        base_url=http.base_url,
        headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
        timeout=20,
    )
    return Person(own, email, answer.json())


@pytest.fixture
async def ada(stranger: httpx.AsyncClient) -> AsyncIterator[Person]:
    person = await a_person(stranger)
    async with person.http:
        yield person


@pytest.fixture
async def bob(stranger: httpx.AsyncClient) -> AsyncIterator[Person]:
    person = await a_person(stranger)
    async with person.http:
        yield person


@pytest.fixture
async def admin(
    stranger: httpx.AsyncClient, mongo_url: str, open_gateway: GatewayProcess
) -> AsyncIterator[Person]:
    """Somebody whom an admin has invited as another."""

    async with open_store(mongo_url) as store:
        _, code = await MongoInvitationStore(store).invite("a test", "admin", "")
    person = await a_person(stranger, code=code)
    async with person.http:
        yield person
