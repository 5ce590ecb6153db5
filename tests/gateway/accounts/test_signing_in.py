"""People register, sign in, stay signed in and sign out; nobody else can in their name."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from gateway.admin_code import ensure_admin_code
from gateway.settings import GatewaySettings
from gateway.store_client import open_store
from schemas.documents import ACCOUNTS_DATABASE, USERS
from schemas.settings import read_settings
from tests.gateway.accounts.conftest import PASSWORD, Person, a_person, an_email, register
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.support.servers import StoreServer


async def login(http: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await http.post("/api/auth/login", json={"email": email, "password": password})


async def refresh(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await http.post("/api/auth/refresh", json={"refresh_token": token})


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_who_registers_is_signed_in_and_can_sign_in_again(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    me = (await ada.http.get("/api/me")).json()
    assert (me["email"], me["name"], me["role"]) == (ada.email, "Ada", "user")
    # However it is written.
    answer = await login(stranger, f"  {ada.email.upper()} ")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["user"] == me
    assert PASSWORD not in answer.text


async def test_one_token_is_good_for_prompts_on_every_gateway_process(
    open_gateway: GatewayProcess, ada: Person, nats_url: str, mongo_url: str, tmp_path: Path
) -> None:
    assert (await ada.http.get("/v1/models")).status_code == 200
    other = GatewayProcess(tmp_path, nats_url, mongo_url, SECRET="the same")
    with running_gateway(other):
        other.wait_for_parts(broker=True, store=True)
        async with httpx.AsyncClient(base_url=other.url, headers=ada.http.headers) as http:
            assert (await http.get("/v1/models")).status_code == 200


@pytest.mark.parametrize("password", ["wrong password", ""])
async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    stranger: httpx.AsyncClient, ada: Person, password: str
) -> None:
    if password:
        wrong = await login(stranger, ada.email, password)
        unknown = await login(stranger, an_email(), password)
        assert code_of(wrong) == code_of(unknown) == (401, "wrong_credentials")
        assert wrong.json() == unknown.json()
    else:
        assert (await login(stranger, ada.email, password)).status_code == 400


async def test_an_address_belongs_to_one_account(stranger: httpx.AsyncClient) -> None:
    email = an_email()
    answers = await asyncio.gather(*(register(stranger, email=email) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert code_of(next(a for a in answers if a.status_code == 409)) == (409, "email_taken")


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_session(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    first = ada.body["refresh_token"]
    renewed = (await refresh(stranger, first)).json()
    assert renewed["refresh_token"] != first
    again = await refresh(stranger, renewed["refresh_token"])
    assert again.status_code == 200
    # Somebody else has it too: nobody can tell who is who.
    reused = await refresh(stranger, first)
    assert code_of(reused) == (401, "invalid_token")
    assert reused.json()["error"]["message"].endswith("; sign in again.")
    assert code_of(await refresh(stranger, again.json()["refresh_token"])) == (401, "invalid_token")


async def test_a_refresh_token_that_was_never_issued_ends_no_session(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    token = ada.body["refresh_token"]
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), token.replace("rvr_", "rvx_")):
        assert code_of(await refresh(stranger, forged)) == (401, "invalid_token")
    assert (await refresh(stranger, token)).status_code == 200


async def test_of_two_uses_of_a_refresh_token_at_once_one_is_refused(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    token = ada.body["refresh_token"]
    answers = await asyncio.gather(*(refresh(stranger, token) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


async def test_signing_out_ends_this_session_and_no_other(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    elsewhere = (await login(stranger, ada.email)).json()
    assert (await ada.http.post("/api/auth/logout")).status_code == 200
    assert code_of(await ada.http.get("/api/me")) == (401, "invalid_token")
    assert (await refresh(stranger, ada.body["refresh_token"])).status_code == 401
    headers = {"Authorization": f"Bearer {elsewhere['access_token']}"}
    assert (await stranger.get("/api/me", headers=headers)).status_code == 200


async def test_signing_out_everywhere_ends_every_session(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    elsewhere = (await login(stranger, ada.email)).json()
    assert (await ada.http.post("/api/auth/logout-everywhere")).status_code == 200
    assert (await refresh(stranger, elsewhere["refresh_token"])).status_code == 401
    headers = {"Authorization": f"Bearer {elsewhere['access_token']}"}
    assert code_of(await stranger.get("/api/me", headers=headers)) == (401, "invalid_token")


async def test_a_new_password_ends_all_other_sessions(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    elsewhere = (await login(stranger, ada.email)).json()
    body = {"old_password": PASSWORD, "new_password": "something else entirely"}
    assert (await ada.http.post("/api/me/password", json=body)).status_code == 200
    assert (await ada.http.get("/api/me")).status_code == 200
    assert (await refresh(stranger, elsewhere["refresh_token"])).status_code == 401
    assert (await login(stranger, ada.email)).status_code == 401
    assert (await login(stranger, ada.email, body["new_password"])).status_code == 200
    again = await ada.http.post("/api/me/password", json=body)
    assert code_of(again) == (401, "wrong_credentials")


@pytest.mark.usefixtures("within_a_window")
async def test_too_many_failures_are_refused_before_the_password_is_looked_at(
    stranger: httpx.AsyncClient, ada: Person, bob: Person
) -> None:
    for _ in range(10):
        assert (await login(stranger, ada.email, "wrong password")).status_code == 401
    refused = await login(stranger, ada.email)
    assert code_of(refused) == (429, "too_many_logins")
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    assert (await login(stranger, bob.email)).status_code == 200


@pytest.mark.usefixtures("within_a_window")
async def test_of_many_guesses_at_once_no_more_are_looked_at_than_one_after_the_other(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    guesses = (login(stranger, ada.email, f"wrong password {i}") for i in range(40))
    answers = await asyncio.gather(*guesses)
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 30}


async def test_right_passwords_are_not_counted(stranger: httpx.AsyncClient, ada: Person) -> None:
    for _ in range(12):
        assert (await login(stranger, ada.email)).status_code == 200


async def test_sessions_are_listed_and_ended_one_by_one(
    stranger: httpx.AsyncClient, ada: Person, bob: Person
) -> None:
    body = {"email": ada.email, "password": PASSWORD, "device": "phone"}
    phone = (await stranger.post("/api/auth/login", json=body)).json()
    sessions = (await ada.http.get("/api/me/sessions")).json()["data"]
    by_device = {session["device"]: session for session in sessions}
    assert [s["current"] for s in sessions if s["device"] == "phone"] == [False]
    assert sum(session["current"] for session in sessions) == 1
    path = f"/api/me/sessions/{by_device['phone']['session_id']}"
    assert (await bob.http.delete(path)).status_code == 404
    assert (await ada.http.delete(path)).status_code == 200
    assert (await refresh(stranger, phone["refresh_token"])).status_code == 401


@pytest.mark.parametrize("mode", ["invite", "closed"])
async def test_where_registration_is_not_open_a_code_is_needed(
    tmp_path: Path, nats_url: str, mongo_url: str, mode: str, admin: Person
) -> None:
    gateway = GatewayProcess(tmp_path, nats_url, mongo_url, REGISTRATION=mode)
    with running_gateway(gateway):
        gateway.wait_for_parts(broker=True, store=True)
        async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as http:
            assert code_of(await register(http)) == (403, "registration_closed")
            assert code_of(await register(http, code="rvi_guessed")) == (403, "invalid_code")
            invited = (await admin.http.post("/api/admin/invitations", json={})).json()
            answer = await register(http, code=invited["code"])
            assert answer.status_code == (201 if mode == "invite" else 403)


async def test_an_invitation_is_good_once_and_a_taken_address_does_not_use_it_up(
    stranger: httpx.AsyncClient, ada: Person, admin: Person
) -> None:
    code = (await admin.http.post("/api/admin/invitations", json={})).json()["code"]
    taken = await register(stranger, email=ada.email, code=code)
    assert code_of(taken) == (409, "email_taken")
    answers = await asyncio.gather(*(register(stranger, code=code) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403]


async def test_the_first_admin_registers_with_the_code_of_the_data_dir(
    tmp_path: Path, nats_url: str, fresh_store_server: StoreServer
) -> None:
    gateway = GatewayProcess(tmp_path, nats_url, fresh_store_server.url)
    settings = GatewaySettings.read(read_settings(gateway.environment))
    path = await ensure_admin_code(settings)
    assert path is not None
    code = path.read_text().strip()
    # The next start offers the same one.
    assert await ensure_admin_code(settings) == path
    assert path.read_text().strip() == code
    with running_gateway(gateway):
        gateway.wait_for_parts(broker=True, store=True)
        async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as http:
            first = await a_person(http, code=code)
            assert first.body["user"]["role"] == "admin"
            async with first.http:
                assert (await first.http.get("/api/admin/users")).status_code == 200
            # Also where the stack is not started again, nobody is shown a code that is spent.
            assert not path.exists()
            assert code_of(await register(http, code=code)) == (403, "invalid_code")
            assert await ensure_admin_code(settings) is None
            assert not path.exists()
            # The last admin goes, and somebody has kept the file.
            async with open_store(fresh_store_server.url) as store:
                await store[ACCOUNTS_DATABASE][USERS].delete_one({"_id": first.user_id})
            path.write_text(code)
            assert await ensure_admin_code(settings) == path
            assert path.read_text().strip() != code
            assert code_of(await register(http, code=code)) == (403, "invalid_code")
            second = await a_person(http, code=path.read_text().strip())
            await second.http.aclose()
            assert second.body["user"]["role"] == "admin"
