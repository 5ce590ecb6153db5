"""The stores on the embedded store; what a store that is away does is in ``test_outages``."""

import pytest

from analytics.errors import NotStorable
from analytics.store_client import open_store
from analytics.usage_documents import usage_document
from analytics.usage_store import MongoUsageStore
from schemas.events import Usage
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import *  # noqa: F403 (the tests themselves)


@pytest.fixture
def store_url(mongo_url: str) -> str:
    return mongo_url


async def test_a_number_that_no_store_can_hold_is_not_storable(store_url: str) -> None:
    end = end_of(prompt_of(), usage=Usage(prompt_tokens=2**70, completion_tokens=1))
    async with open_store(store_url) as client:
        with pytest.raises(NotStorable):
            await MongoUsageStore(client).add(usage_document(end))
