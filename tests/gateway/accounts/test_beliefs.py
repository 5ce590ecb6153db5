"""What is believed without the store, for how long, and what never is."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from gateway.accounts.access_tokens import AccessClaims, AccessTokens
from gateway.authentication import Authentication, Principal
from gateway.errors import InvalidToken
from tests.gateway.accounts.conftest import Person
from tests.gateway.gateway_process import GatewayProcess, running_gateway


@pytest.fixture(scope="module")
def elsewhere(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    """Another process of the same gateway."""
    folder = tmp_path_factory.mktemp("elsewhere")
    process = GatewayProcess(folder, nats_url, mongo_url, SECRET="the same")
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        yield gateway


@pytest.fixture
async def thief(elsewhere: GatewayProcess, ada: Person) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has Ada's access token."""
    headers = ada.http.headers
    async with httpx.AsyncClient(base_url=elsewhere.url, headers=headers, timeout=20) as http:
        yield http


async def test_a_session_that_has_ended_makes_no_key_in_another_process(
    ada: Person, thief: httpx.AsyncClient
) -> None:
    assert (await thief.get("/v1/models")).status_code == 200
    assert (await ada.http.post("/api/auth/logout-everywhere")).status_code == 200
    assert (await thief.post("/api/keys", json={"name": "mine"})).status_code == 401


async def test_an_admin_who_is_none_any_more_changes_nobody_in_another_process(
    ada: Person, admin: Person, thief: httpx.AsyncClient
) -> None:
    path = f"/api/admin/users/{ada.user_id}"
    await admin.http.patch(path, json={"role": "admin"})
    assert (await thief.get("/api/admin/users")).status_code == 200
    await admin.http.patch(path, json={"role": "user"})
    assert (await thief.get("/api/admin/users")).status_code == 403


class SlowSignIns:
    """Answers what was true when it was asked, once it is let."""

    def __init__(self) -> None:
        self.good = True
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def is_admin(self, session_id: str, user_id: str) -> bool | None:
        found = False if self.good else None
        self.asked.set()
        await self.may_answer.wait()
        return found


class NoKeys:
    """No key is known."""

    async def find(self, key_hash: str) -> Principal | None:
        return None


async def test_what_is_forgotten_while_it_is_looked_up_is_not_believed_afterwards() -> None:
    sign_ins, tokens = SlowSignIns(), AccessTokens(b"secret")
    authentication = Authentication(NoKeys(), sign_ins, tokens)
    token = tokens.issue(AccessClaims("ada", "session"), time.time())
    looking = asyncio.create_task(authentication.authenticate_token(token))
    await sign_ins.asked.wait()
    sign_ins.good = False
    authentication.forget("ada")
    sign_ins.may_answer.set()
    await looking
    with pytest.raises(InvalidToken):
        await authentication.authenticate_token(token)
