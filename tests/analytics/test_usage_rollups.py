"""Roll-ups come to what their replies come to, whatever happens on the way."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest

from analytics.stale_rollups import Mark, Rollup, StaleRollups
from analytics.store_client import Store, open_store
from analytics.usage_documents import HOUR_MS, totals_of, usage_document
from analytics.usage_erasure import UsageErasure
from analytics.usage_rollup_store import MongoRollupStore
from analytics.usage_rollups import UsageRollups
from analytics.usage_store import MongoUsageStore
from schemas import ids
from schemas.documents import (
    USAGE,
    USAGE_DATABASE,
    USAGE_HOURS,
    USAGE_MINUTES,
    USAGE_STALE,
    USAGE_TOTALS,
    UsageDocument,
)
from schemas.events import Failure, Timings, Usage
from schemas.histogram import histogram_of
from schemas.usage_totals import UsageTotals, merged_totals, totals_from_fields
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of

_FAR_MS = 2**50
_COUNTED = (USAGE_MINUTES, USAGE_HOURS, USAGE_TOTALS)


class Crash(Exception):
    """The process is gone."""


class Fuse:
    """Lets some steps pass, then the process is gone."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Crash


class MortalMarks(StaleRollups):
    """Marks of a process that may be gone after each of its steps."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        super().__init__(store)
        self._fuse = fuse

    async def mark(self, rollups: Iterable[Rollup], *, later: bool = False) -> None:
        self._fuse.step()
        await super().mark(rollups, later=later)

    async def settled(self, marks: Iterable[Mark]) -> None:
        self._fuse.step()
        await super().settled(marks)


class MortalRollups(MongoRollupStore):
    """Roll-ups of a process that may be gone before each write."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        super().__init__(store)
        self._fuse = fuse

    async def make_anew(self, rollups: Sequence[Rollup]) -> set[Rollup]:
        self._fuse.step()
        return await super().make_anew(rollups)


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Store]:
    async with open_store(mongo_url) as client:
        await MongoUsageStore(client).prepare()
        await MongoRollupStore(client).prepare()
        yield client


@pytest.fixture
def model() -> str:
    """A model of this test's own, whose totals nobody else counts."""
    return f"some/model.{ids.new_ulid()}"


def rollups_of(store: Store, fuse: Fuse | None = None) -> UsageRollups:
    usage = MongoUsageStore(store)
    if fuse is None:
        return UsageRollups(StaleRollups(store), MongoRollupStore(store), usage.adopt_earlier)
    return UsageRollups(MortalMarks(store, fuse), MortalRollups(store, fuse), usage.adopt_earlier)


async def settle(store: Store) -> None:
    while await rollups_of(store).sweep(_FAR_MS):
        pass


async def totals_in(store: Store, collection: str, **same: Any) -> UsageTotals:
    rows = await store[USAGE_DATABASE][collection].find(same).to_list()
    return merged_totals([totals_from_fields(row) for row in rows])


async def assert_counted(store: Store, model: str, documents: list[UsageDocument]) -> None:
    """Every level comes to the same as the documents themselves."""
    await settle(store)
    for collection in _COUNTED:
        assert await totals_in(store, collection, model=model) == totals_of(documents), collection


def some_documents(user_id: str, model: str, count: int = 6) -> list[UsageDocument]:
    """Return usage of several minutes and two hours, of every status."""
    chance = random.Random(count)
    documents = []
    for number in range(count):
        prompt = prompt_of(user_id, model=model, client=("web", "openai")[number % 2])
        tokens = chance.randrange(2, 40)
        failed = number % 3 == 2
        end = end_of(
            prompt,
            status=("completed", "cancelled", "failed")[number % 3],
            error=Failure("engine.error", "It broke.") if failed else None,
            attempts=1 + number % 2,
            usage=Usage(prompt_tokens=9, completion_tokens=tokens, cached_tokens=number % 4),
            timings=Timings(queue_ms=number, first_token_ms=None if failed else 20, total_ms=99),
            inter_token_ms=histogram_of([chance.random() * 50 for _ in range(tokens - 1)]),
            finished_at_ms=SUBMITTED_AT_MS + number * HOUR_MS // 4,
        )
        documents.append(usage_document(end))
    return documents


async def test_minutes_hours_and_everybody_come_to_the_same(store: Store, model: str) -> None:
    users = [ids.new_user_id() for _ in range(3)]
    documents = [one for user in users for one in some_documents(user, model)]
    usage = MongoUsageStore(store)

    await usage.add_all(documents[:7])
    await asyncio.gather(*(usage.add(document) for document in documents))

    await assert_counted(store, model, documents)
    everybody = await totals_in(store, USAGE_TOTALS, model=model)
    assert everybody.errors == {"engine_error": 6}
    assert everybody.clients == {"openai": 9, "web": 9}
    assert everybody.inter_token_ms.count == everybody.completion_tokens - everybody.replies
    assert (everybody.failed_over, everybody.titles) == (9, 0)


async def test_a_reply_that_comes_again_counts_once(store: Store, model: str) -> None:
    documents = some_documents(ids.new_user_id(), model)
    usage = MongoUsageStore(store)

    for _ in range(3):
        for document in documents:
            await usage.add(document)
        await usage.add_all(documents)
        await settle(store)

    await assert_counted(store, model, documents)


async def test_of_two_ends_only_the_one_that_finished_first_is_counted(
    store: Store, model: str
) -> None:
    prompt = prompt_of(model=model)
    first = usage_document(end_of(prompt, usage=Usage(prompt_tokens=3, completion_tokens=2)))
    late = usage_document(end_of(prompt, finished_at_ms=SUBMITTED_AT_MS + 3 * HOUR_MS))
    usage = MongoUsageStore(store)

    for order in ([late, first], [first, late]):
        for document in order:
            await usage.add(document)
            await settle(store)
        await assert_counted(store, model, [first])


async def test_titles_cost_tokens_and_nobody_waits_for_them(store: Store, model: str) -> None:
    document = usage_document(end_of(prompt_of(model=model, kind="title")))
    await MongoUsageStore(store).add(document)
    await settle(store)

    totals = await totals_in(store, USAGE_TOTALS, model=model)
    assert (totals.replies, totals.titles, totals.completion_tokens) == (1, 1, 6)
    assert totals.queue_ms.count == totals.first_token_ms.count == 0


async def test_wherever_a_process_is_killed_the_next_one_counts_every_reply_once(
    store: Store, model: str
) -> None:
    documents = some_documents(ids.new_user_id(), model)
    await settle(store)
    for steps in range(40):
        document = documents[steps % len(documents)]
        usage = MongoUsageStore(store)
        usage._stale = MortalMarks(store, Fuse(steps % 2))
        try:
            await usage.add(document)
        except Crash:
            # It was not acknowledged, so it comes again.
            await MongoUsageStore(store).add(document)
        try:
            await rollups_of(store, Fuse(steps)).sweep(_FAR_MS)
        except Crash:
            continue
    await assert_counted(store, model, documents)
    assert await store[USAGE_DATABASE][USAGE_STALE].find({"model": model}).to_list() == []


async def test_two_processes_that_roll_up_at_once_beside_the_events_lose_nothing(
    store: Store, model: str
) -> None:
    users = [ids.new_user_id() for _ in range(2)]
    documents = [one for user in users for one in some_documents(user, model, 60)]
    adding = True

    async def sweeping() -> None:
        while adding:
            await rollups_of(store).sweep(_FAR_MS)

    async def events() -> None:
        nonlocal adding
        usage = MongoUsageStore(store)
        for at in range(0, len(documents), 10):
            await asyncio.gather(*(usage.add(one) for one in documents[at : at + 10]))
        adding = False

    await asyncio.gather(sweeping(), sweeping(), events())

    await assert_counted(store, model, documents)


async def test_an_erased_user_is_in_no_roll_up_and_others_stay(store: Store, model: str) -> None:
    gone, stays = ids.new_user_id(), ids.new_user_id()
    kept = some_documents(stays, model)
    await MongoUsageStore(store).add_all([*some_documents(gone, model), *kept])
    await settle(store)
    await MongoUsageStore(store).add_all(some_documents(gone, model, 3))

    await UsageErasure(store).forget(gone)

    database = store[USAGE_DATABASE]
    for collection in (USAGE, USAGE_MINUTES, USAGE_HOURS, USAGE_STALE):
        assert await database[collection].find({"user_id": gone}).to_list() == []
    await assert_counted(store, model, kept)


async def test_usage_of_an_earlier_version_is_counted_too(store: Store, model: str) -> None:
    documents = some_documents(ids.new_user_id(), model)
    for document in documents:
        earlier = {**document}
        for field in ("minute", "error", "inter_token_ms"):
            del earlier[field]
        await store[USAGE_DATABASE][USAGE].insert_one(earlier)

    await MongoUsageStore(store).adopt_earlier()
    await settle(store)

    totals = await totals_in(store, USAGE_TOTALS, model=model)
    assert totals.replies == len(documents)
    assert totals.completion_tokens == sum(one["completion_tokens"] for one in documents)


async def test_a_roll_up_that_cannot_be_stored_holds_up_no_other(store: Store, model: str) -> None:
    absurd, other = ids.new_user_id(), ids.new_user_id()
    kept = some_documents(other, model, 12)
    # As an earlier version took them: each can be stored, and their sum cannot.
    (document,) = some_documents(absurd, model, 1)
    await MongoUsageStore(store).add_all(
        [{**document, "_id": ids.new_ulid(), "prompt_tokens": 2**62} for _ in range(3)]
    )
    await MongoUsageStore(store).add_all(kept)
    failed: list[None] = []
    rollups = UsageRollups(
        StaleRollups(store),
        MongoRollupStore(store),
        MongoUsageStore(store).adopt_earlier,
        lambda: failed.append(None),
    )

    now_ms = time.time_ns() // 1_000_000
    while await rollups.sweep(now_ms):
        pass

    for collection in _COUNTED:
        assert await totals_in(store, collection, model=model) == totals_of(kept), collection
    assert len(failed) == 1
    (mark,) = await store[USAGE_DATABASE][USAGE_STALE].find({"model": model}).to_list()
    assert (mark["user_id"], mark["due_at_ms"] > now_ms) == (absurd, True)
    # Once its parts are in order again it is made like any other.
    await store[USAGE_DATABASE][USAGE].delete_many({"user_id": absurd})
    await assert_counted(store, model, kept)
