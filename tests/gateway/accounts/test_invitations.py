"""A code makes one account: not none, when something breaks, and never two."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from gateway.accounts.account_store import MongoAccountStore
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.accounts.ports import NewAccount
from gateway.errors import InvalidCode
from gateway.store_client import Store, open_store
from schemas.documents import ACCOUNTS_DATABASE, INVITATIONS, USERS
from schemas.ids import new_user_id
from tests.gateway.accounts.conftest import PASSWORD, an_email
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.support.servers import StoreServer

LONG_AGO_MS = 1


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Store]:
    async with open_store(mongo_url) as store:
        yield store


async def abandoned(store: Store, code_id: str, used_by: str, at_ms: int = LONG_AGO_MS) -> None:
    """Leave a code as a process that died leaves it."""
    change = {"$set": {"used_by": used_by, "used_at_ms": at_ms}}
    await store[ACCOUNTS_DATABASE][INVITATIONS].update_one({"_id": code_id}, change)


async def test_a_client_that_hangs_up_leaves_no_used_code_without_an_account(
    open_gateway: GatewayProcess, store: Store
) -> None:
    invitations = store[ACCOUNTS_DATABASE][INVITATIONS]
    for _ in range(5):
        made, code = await MongoInvitationStore(store).invite("a test", "user", "")
        fields = {"email": an_email(), "password": PASSWORD, "name": "Eve", "code": code}
        body = orjson.dumps(fields)
        _, writer = await asyncio.open_connection("127.0.0.1", open_gateway.port)
        head = b"POST /api/auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % len(body) + body)

        async def row(code_id: str = made.invitation_id) -> Any:
            return await invitations.find_one({"_id": code_id})

        await eventually(row, lambda found: found["used_by"] != "")
        writer.close()
        used = await eventually(row, lambda found: found.get("settled") or not found["used_by"])
        if used["used_by"]:
            users = store[ACCOUNTS_DATABASE][USERS]
            assert await users.find_one({"_id": used["used_by"]}) is not None


async def test_a_code_that_was_used_for_no_account_is_free_after_a_while(store: Store) -> None:
    invitations = MongoInvitationStore(store)
    made, code = await invitations.invite("a test", "admin", "")
    await invitations.use(code, new_user_id(), first_admin_only=False)
    with pytest.raises(InvalidCode):
        await invitations.use(code, new_user_id(), first_admin_only=False)
    await abandoned(store, made.invitation_id, new_user_id())
    late = (invitations.use(code, new_user_id(), first_admin_only=False) for _ in range(4))
    results = await asyncio.gather(*late, return_exceptions=True)
    assert sorted(map(str, results))[-1] == "admin"
    assert sum(isinstance(result, InvalidCode) for result in results) == 3


async def test_the_code_of_an_account_that_was_erased_is_not_free(store: Store) -> None:
    invitations = MongoInvitationStore(store)
    made, code = await invitations.invite("a test", "user", "")
    user_id = new_user_id()
    await invitations.use(code, user_id, first_admin_only=False)
    await invitations.settle(code, user_id)
    await abandoned(store, made.invitation_id, user_id)
    with pytest.raises(InvalidCode):
        await invitations.use(code, new_user_id(), first_admin_only=False)


async def test_the_first_admins_code_is_offered_again_if_it_made_nobody(
    fresh_store_server: StoreServer,
) -> None:
    async with open_store(fresh_store_server.url) as store:
        invitations = MongoInvitationStore(store)
        assert await invitations.offer_first_admin("rva_one") == "rva_one"
        await invitations.use("rva_one", new_user_id(), first_admin_only=True)
        assert await invitations.offer_first_admin("rva_one") == "rva_one"
        admin = NewAccount(new_user_id(), an_email(), "Eve", "hash", "admin")
        assert await invitations.use("rva_one", admin.user_id, first_admin_only=True) == "admin"
        await MongoAccountStore(store).create(admin)
        assert not await invitations.offer_first_admin("rva_one")


async def test_a_first_admins_code_that_is_spent_is_never_offered_again(
    fresh_store_server: StoreServer,
) -> None:
    async with open_store(fresh_store_server.url) as store:
        invitations = MongoInvitationStore(store)
        code = await invitations.offer_first_admin("")
        for _ in range(3):
            assert code is not None
            admin = NewAccount(new_user_id(), an_email(), "Eve", "hash", "admin")
            await invitations.use(code, admin.user_id, first_admin_only=True)
            await MongoAccountStore(store).create(admin)
            await invitations.settle(code, admin.user_id)
            assert await invitations.offer_first_admin(code) is None
            # As an erasure leaves it.
            await store[ACCOUNTS_DATABASE][USERS].delete_one({"_id": admin.user_id})
            spent, code = code, await invitations.offer_first_admin(code)
            assert code != spent
            await abandoned(store, hashlib.sha256(spent.encode()).hexdigest(), admin.user_id)
            with pytest.raises(InvalidCode):
                await invitations.use(spent, new_user_id(), first_admin_only=True)
            assert await invitations.offer_first_admin(spent) != spent
            code = await invitations.offer_first_admin("")
