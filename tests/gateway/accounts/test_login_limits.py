"""Tries are counted by account and by address, on the store that processes share."""

import asyncio

import httpx
import pytest

from gateway.accounts.login_limits import MongoLoginLimits
from gateway.accounts.passwords import Passwords
from gateway.errors import PasswordsBusy, TooManyLogins, TooManyRegistrations
from gateway.store_client import open_store
from tests.gateway.accounts.conftest import PASSWORD, an_address, an_email


@pytest.mark.usefixtures("within_a_window")
async def test_all_addresses_of_an_ipv6_network_count_as_one(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        limits = MongoLoginLimits(store)
        for i in range(100):
            await limits.count_login(an_email(), f"2001:db8:1:2:{i:x}::1")
        with pytest.raises(TooManyLogins):
            await limits.count_login(an_email(), "2001:db8:1:2:ffff::1")
        await limits.count_login(an_email(), "2001:db8:1:3::1")
        await limits.count_login(an_email(), "::ffff:192.0.2.1")


@pytest.mark.usefixtures("within_a_window")
async def test_a_try_that_is_refused_for_its_address_does_not_count_for_the_account(
    mongo_url: str,
) -> None:
    async with open_store(mongo_url) as store:
        limits = MongoLoginLimits(store)
        email = an_email()
        for _ in range(100):
            await limits.count_login(an_email(), "192.0.2.7")
        for _ in range(10):
            with pytest.raises(TooManyLogins):
                await limits.count_login(email, "192.0.2.7")
        counted = await limits.count_login(email, "192.0.2.8")
        await limits.take_back(counted)


@pytest.mark.usefixtures("within_a_window")
async def test_registrations_are_counted_by_address(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        limits, address = MongoLoginLimits(store), an_address()
        for _ in range(100):
            await limits.count_registration(address)
        with pytest.raises(TooManyRegistrations) as refused:
            await limits.count_registration(address)
    assert refused.value.code == "too_many_registrations"


async def test_a_wrong_code_costs_no_hash(
    stranger: httpx.AsyncClient,
) -> None:
    body = {"email": an_email(), "password": PASSWORD, "name": "Eve", "code": "rvi_guessed"}
    headers = {"X-Forwarded-For": an_address()}
    answers = await asyncio.gather(
        *(stranger.post("/api/auth/register", json=body, headers=headers) for _ in range(90))
    )
    # More than may wait for a hash.
    assert {answer.status_code for answer in answers} == {403}


async def test_of_a_flood_of_passwords_some_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.accounts.passwords._MOST_WAITING", 2)
    passwords = Passwords()
    hashes = (passwords.hash(PASSWORD) for _ in range(8))
    results = await asyncio.gather(*hashes, return_exceptions=True)
    assert sum(isinstance(result, PasswordsBusy) for result in results) == 4
    assert await passwords.matches(PASSWORD, str(results[0]))
