"""Tries are counted by account and by address, on the store that processes share."""

import pytest

from gateway.accounts.login_limits import MongoLoginLimits
from gateway.errors import TooManyLogins
from gateway.store_client import open_store
from tests.gateway.accounts.conftest import an_email


async def test_all_addresses_of_an_ipv6_network_count_as_one(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        limits = MongoLoginLimits(store)
        for i in range(100):
            await limits.count_login(an_email(), f"2001:db8:1:2:{i:x}::1")
        with pytest.raises(TooManyLogins):
            await limits.count_login(an_email(), "2001:db8:1:2:ffff::1")
        await limits.count_login(an_email(), "2001:db8:1:3::1")
        await limits.count_login(an_email(), "::ffff:192.0.2.1")


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
