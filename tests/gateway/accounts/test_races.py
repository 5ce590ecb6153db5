"""What happens at the same moment, or is left half done, gives nobody more than they may have."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.accounts.account_store import MongoAccountStore
from gateway.accounts.administration import Administration
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.accounts.ports import NewAccount
from gateway.accounts.refresh_tokens import RefreshTokens
from gateway.accounts.session_store import MongoSessionStore
from gateway.accounts.sign_ins import SignIns
from gateway.errors import EmailTaken
from gateway.store_client import Store, open_store
from schemas.documents import ACCOUNTS_DATABASE, EMAILS, SESSIONS
from schemas.ids import new_user_id
from tests.gateway.accounts.conftest import PASSWORD, Person, a_person, an_email
from tests.gateway.accounts.test_signing_in import code_of, login, refresh
from tests.support.servers import StoreServer


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Store]:
    async with open_store(mongo_url) as store:
        yield store


async def nobody_is_told(user_id: str) -> None:
    """Stand for the notice that something has ended."""


def administration_of(store: Store) -> Administration:
    sessions = MongoSessionStore(store, RefreshTokens(b"secret"))
    accounts, invitations = MongoAccountStore(store), MongoInvitationStore(store)
    return Administration(accounts, sessions, invitations, nobody_is_told)


def new(email: str) -> NewAccount:
    return NewAccount(new_user_id(), email, "Eve", "hash", "user")


async def test_the_last_admin_stays_when_two_demote_each_other(
    fresh_store_server: StoreServer,
) -> None:
    async with open_store(fresh_store_server.url) as store:
        accounts = MongoAccountStore(store)
        eve, mallory = (
            NewAccount(new_user_id(), an_email(), "Eve", "hash", "admin") for _ in range(2)
        )
        one, two = await accounts.create(eve), await accounts.create(mallory)
        administration = administration_of(store)
        demotions = (
            administration.change_user(a, b, disabled=None, role="user")
            for a, b in ((one.user_id, two.user_id), (two.user_id, one.user_id))
        )
        await asyncio.gather(*demotions, return_exceptions=True)
        assert await accounts.has_admin()


async def test_without_an_admin_the_first_admins_code_is_offered_again(
    fresh_store_server: StoreServer,
) -> None:
    async with open_store(fresh_store_server.url) as store:
        invitations, accounts = MongoInvitationStore(store), MongoAccountStore(store)
        await invitations.offer_first_admin("rva_one")
        admin = NewAccount(new_user_id(), an_email(), "Eve", "h", "admin")
        await invitations.use("rva_one", admin.user_id, first_admin_only=True)
        await accounts.create(admin)
        assert not await invitations.offer_first_admin("rva_two")
        await accounts.update(admin.user_id, disabled=True)
        assert await invitations.offer_first_admin("rva_two") == "rva_two"
        assert await invitations.use("rva_two", new_user_id(), first_admin_only=True) == "admin"


async def test_who_signs_in_while_the_password_changes_is_not_signed_in_after_it(
    stranger: httpx.AsyncClient, ada: Person
) -> None:
    body = {"old_password": PASSWORD, "new_password": "something else entirely"}
    change = asyncio.create_task(ada.http.post("/api/me/password", json=body))
    sign_ins: list[dict[str, Any]] = []

    async def keep_signing_in() -> None:
        while not change.done():
            answer = await login(stranger, ada.email)
            if answer.status_code == 200:
                sign_ins.append(answer.json())

    await asyncio.gather(keep_signing_in(), keep_signing_in())
    assert (await change).status_code == 200
    assert sign_ins
    for signed_in in sign_ins:
        headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        assert (await stranger.get("/api/me", headers=headers)).status_code == 401
        assert (await refresh(stranger, signed_in["refresh_token"])).status_code == 401
    assert (await ada.http.get("/api/me")).status_code == 200


async def test_a_session_of_an_older_epoch_is_not_good(ada: Person, store: Store) -> None:
    accounts = MongoAccountStore(store)
    sessions = MongoSessionStore(store, RefreshTokens(b"secret"))
    begun = await sessions.begin(ada.user_id, "", "")
    sign_ins = SignIns(accounts, sessions)
    assert await sign_ins.is_admin(begun.session_id, ada.user_id) is False
    await accounts.update(ada.user_id, sessions_epoch="another")
    assert await sign_ins.is_admin(begun.session_id, ada.user_id) is None
    await sessions.outlast(begun.session_id, ("", "another"))
    assert await sign_ins.is_admin(begun.session_id, ada.user_id) is False


async def test_an_old_password_is_not_written_back(ada: Person, store: Store) -> None:
    accounts = MongoAccountStore(store)
    account = await accounts.by_id(ada.user_id)
    assert account is not None
    await accounts.update(ada.user_id, password_hash="the new one")
    old = account.password_hash
    assert not await accounts.replace_password(ada.user_id, old, password_hash="the old one")
    assert (await accounts.by_id(ada.user_id) or account).password_hash == "the new one"


async def test_signing_out_everywhere_ends_also_the_thousand_and_first_session(
    stranger: httpx.AsyncClient, ada: Person, store: Store
) -> None:
    rows = store[ACCOUNTS_DATABASE][SESSIONS]
    row = await rows.find_one({"user_id": ada.user_id})
    assert row is not None
    await rows.insert_many([{**row, "_id": f"{ada.user_id}{i:06d}"} for i in range(1_005)])
    sessions = MongoSessionStore(store, RefreshTokens(b"secret"))
    await sessions.end_all(ada.user_id, but=str(row["_id"]))
    assert [one["_id"] for one in await rows.find({"user_id": ada.user_id}).to_list()] == [
        row["_id"]
    ]
    assert (await ada.http.get("/api/me")).status_code == 200
    await sessions.end_all(ada.user_id)
    assert await rows.find_one({"user_id": ada.user_id}) is None


class SlowUsers:
    """The collection of users, in which one insert waits until it is let."""

    def __init__(self, users: Any) -> None:
        self._users = users
        self.asked, self.may_insert = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)

    async def insert_one(self, row: Any) -> Any:
        self.asked.set()
        await self.may_insert.wait()
        return await self._users.insert_one(row)


async def test_an_address_that_somebody_is_registering_is_taken(store: Store) -> None:
    slow, other, email = MongoAccountStore(store), MongoAccountStore(store), an_email()
    users = SlowUsers(slow._users)
    slow._users = users  # type: ignore[assignment]
    first = asyncio.create_task(slow.create(new(email)))
    await asyncio.wait_for(users.asked.wait(), 10)
    with pytest.raises(EmailTaken):
        await other.create(new(email))
    users.may_insert.set()
    assert (await first).email == email


async def test_whoever_was_too_slow_for_an_address_leaves_no_account(store: Store) -> None:
    slow, other, email = MongoAccountStore(store), MongoAccountStore(store), an_email()
    users = SlowUsers(slow._users)
    slow._users = users  # type: ignore[assignment]
    late = new(email)
    first = asyncio.create_task(slow.create(late))
    await asyncio.wait_for(users.asked.wait(), 10)
    claims = store[ACCOUNTS_DATABASE][EMAILS]
    await claims.update_one({"user_id": late.user_id}, {"$set": {"claimed_at_ms": 1}})
    owner = await other.create(new(email))
    users.may_insert.set()
    with pytest.raises(EmailTaken):
        await first
    assert await other.by_id(late.user_id) is None
    assert (await other.by_email(email) or owner).user_id == owner.user_id


async def test_a_reused_refresh_token_ends_what_is_believed_of_its_session(
    stranger: httpx.AsyncClient,
) -> None:
    eve = await a_person(stranger)
    async with eve.http:
        first = eve.body["refresh_token"]
        access = (await refresh(stranger, first)).json()["access_token"]
        headers = {"Authorization": f"Bearer {access}"}
        assert (await stranger.get("/v1/models", headers=headers)).status_code == 200
        assert code_of(await refresh(stranger, first)) == (401, "invalid_token")
        assert (await stranger.get("/v1/models", headers=headers)).status_code == 401
