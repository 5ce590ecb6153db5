"""What is open is closed once its caller may not have it any more, in every gateway process."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from gateway.accounts.access_tokens import AccessTokens
from gateway.authentication import Authentication, Principal
from gateway.errors import GatewayError, InvalidToken, StoreUnavailable
from gateway.open_streams import OpenStreams
from gateway.store_client import open_store
from schemas.documents import ACCOUNTS_DATABASE, SESSIONS
from tests.gateway.accounts.conftest import PASSWORD, Person
from tests.gateway.accounts.test_signing_in import login
from tests.gateway.event_reading import events_of
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.socket_client import SocketClient, open_socket
from tests.gateway.stand_in_worker import StandInWorker

UNAUTHENTICATED = 4401
# Far below the time within which everything is looked at anyway.
PROMPTLY_S = 10.0


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
async def socket(elsewhere: GatewayProcess, ada: Person) -> AsyncIterator[SocketClient]:
    """Ada's socket at the other process."""
    async with open_socket(elsewhere, ada.body["access_token"]) as client:
        yield client


async def closed_promptly(client: SocketClient) -> int:
    async with asyncio.timeout(PROMPTLY_S):
        return await client.closed()


@pytest.mark.parametrize("path", ["logout", "logout-everywhere"])
async def test_signing_out_closes_the_sockets_of_every_process(
    ada: Person, socket: SocketClient, path: str
) -> None:
    assert (await ada.http.post(f"/api/auth/{path}")).status_code == 200
    assert await closed_promptly(socket) == UNAUTHENTICATED


async def test_disabling_closes_sockets_also_those_of_keys(
    ada: Person, admin: Person, socket: SocketClient, elsewhere: GatewayProcess
) -> None:
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    async with open_socket(elsewhere, key) as of_key:
        await admin.http.patch(f"/api/admin/users/{ada.user_id}", json={"disabled": True})
        assert await closed_promptly(socket) == UNAUTHENTICATED
        assert await closed_promptly(of_key) == UNAUTHENTICATED


async def test_a_new_password_closes_the_sockets_of_other_sessions_only(
    stranger: httpx.AsyncClient, ada: Person, socket: SocketClient, elsewhere: GatewayProcess
) -> None:
    other = (await login(stranger, ada.email)).json()["access_token"]
    async with open_socket(elsewhere, other) as of_other:
        body = {"old_password": PASSWORD, "new_password": "something else entirely"}
        assert (await ada.http.post("/api/me/password", json=body)).status_code == 200
        assert await closed_promptly(of_other) == UNAUTHENTICATED
    await socket.say("ping")
    assert (await socket.next())["type"] == "pong"


async def test_a_deleted_key_and_an_ended_session_close_their_sockets(
    stranger: httpx.AsyncClient, ada: Person, socket: SocketClient, elsewhere: GatewayProcess
) -> None:
    made = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()
    async with open_socket(elsewhere, made["key"]) as of_key:
        await ada.http.delete(f"/api/keys/{made['key_id']}")
        assert await closed_promptly(of_key) == UNAUTHENTICATED
    other = (await login(stranger, ada.email)).json()["access_token"]
    headers = {"Authorization": f"Bearer {other}"}
    sessions = (await stranger.get("/api/me/sessions", headers=headers)).json()["data"]
    (first,) = (session["session_id"] for session in sessions if not session["current"])
    await stranger.delete(f"/api/me/sessions/{first}", headers=headers)
    assert await closed_promptly(socket) == UNAUTHENTICATED


async def test_an_event_stream_ends_with_its_session_and_the_reply_goes_on(
    stranger: httpx.AsyncClient,
    ada: Person,
    elsewhere: GatewayProcess,
    nats_url: str,
    model: str,
) -> None:
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    async with (
        StandInWorker.serving(nats_url, model) as worker,
        httpx.AsyncClient(base_url=elsewhere.url, headers=ada.http.headers, timeout=20) as http,
    ):
        prompt = {"model": model, "content": "Hello"}
        path = f"/api/replies/{(await http.post('/api/prompts', json=prompt)).json()['reply_id']}"
        writer = await worker.attempt(await worker.next_prompt())
        of_key = {"Authorization": f"Bearer {key}"}
        async with (
            http.stream("GET", f"{path}/events") as signed_in,
            stranger.stream("GET", f"{path}/events", headers=of_key) as by_key,
        ):
            events, keys_events = events_of(signed_in), events_of(by_key)
            assert (await anext(events)).name == "caught_up"
            await ada.http.post("/api/auth/logout")
            async with asyncio.timeout(PROMPTLY_S):
                assert [event async for event in events] == []
            assert (await http.get(f"{path}/events")).status_code == 401
            await writer.say("still here")
            await writer.end()
            assert [event async for event in keys_events][-1].data["status"] == "completed"


async def test_a_message_on_a_socket_whose_session_has_ended_closes_it(
    ada: Person, socket: SocketClient, elsewhere: GatewayProcess, mongo_url: str
) -> None:
    async with open_store(mongo_url) as store:
        await store[ACCOUNTS_DATABASE][SESSIONS].delete_many({"user_id": ada.user_id})
    async with httpx.AsyncClient(base_url=elsewhere.url, headers=ada.http.headers) as http:
        # What this process believes of the session ends with this.
        assert (await http.get("/api/me")).status_code == 401
    await socket.say("prompt", ref="r", model="m", content="Hello")
    assert (await socket.error())["code"] == "invalid_token"
    assert await socket.closed() == UNAUTHENTICATED


class SignIns:
    """What the store says of every session."""

    def __init__(self) -> None:
        self.answer: bool | None = False
        self.away = False

    async def is_admin(self, session_id: str, user_id: str) -> bool | None:
        if self.away:
            raise StoreUnavailable
        return self.answer


class NoKeys:
    """No key is known."""

    async def find(self, key_hash: str) -> Principal | None:
        return None


async def test_without_a_notice_streams_are_looked_at_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.open_streams._PERIOD_S", 0.01)
    sign_ins, closed = SignIns(), asyncio.Event()
    streams = OpenStreams(Authentication(NoKeys(), sign_ins, AccessTokens(b"secret")))
    reasons: list[GatewayError] = []

    def close(reason: GatewayError) -> None:
        reasons.append(reason)
        closed.set()

    looking = asyncio.create_task(streams.run())
    with streams.holding(Principal("ada", frozenset(("chat",)), "session"), close):
        sign_ins.away = True
        await asyncio.sleep(0.05)
        # A store that is away stops nobody.
        assert not reasons
        sign_ins.away, sign_ins.answer = False, None
        await asyncio.wait_for(closed.wait(), PROMPTLY_S)
    looking.cancel()
    assert isinstance(reasons[0], InvalidToken)
