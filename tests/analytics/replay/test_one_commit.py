"""Writes that are committed at once, on the embedded store, and what a crash in them leaves."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from analytics.replay.one_commit import OneCommit
from analytics.replay.replay_store import MongoReplayStore, ReplayState
from analytics.store_client import Collection, Store, open_store
from tests.analytics.consumer_process import ROOT
from tests.analytics.replay.dying_rebuild import DATABASE, PROJECTION, ROWS
from tests.support.servers import StoreServer, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StoreServer]:
    with running(StoreServer(tmp_path / "store")) as started:
        yield started


@pytest.fixture
async def store(server: StoreServer) -> AsyncIterator[Store]:
    async with open_store(server.url, 10_000) as opened:
        yield opened


@pytest.fixture
async def rows(store: Store) -> Collection:
    await store[DATABASE].create_collection(ROWS)
    return store[DATABASE][ROWS]


async def ids_of(rows: Collection) -> list[str]:
    return [row["_id"] for row in await rows.find({}).sort("_id", 1).to_list()]


async def a_rebuild_dies(server: StoreServer) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.analytics.replay.dying_rebuild", server.url, cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL


async def test_writes_in_one_commit_outlive_the_store(
    server: StoreServer, rows: Collection
) -> None:
    commit = OneCommit(rows.database.client)
    for key in ("a", "b"):
        documents = [{"_id": f"{key}{n}"} for n in range(3)]
        await commit.run(lambda session, batch=documents: rows.insert_many(batch, session=session))
    server.kill()
    server.start()
    assert await ids_of(rows) == ["a0", "a1", "a2", "b0", "b1", "b2"]


async def test_duplicates_are_told_and_the_others_are_written(
    server: StoreServer, rows: Collection
) -> None:
    await rows.insert_one({"_id": "b"})
    documents = [{"_id": key} for key in "abc"]
    with pytest.raises(BulkWriteError) as raised:
        await OneCommit(rows.database.client).run(
            lambda session: rows.insert_many(documents, ordered=False, session=session)
        )
    assert [failure["index"] for failure in raised.value.details["writeErrors"]] == [1]
    server.kill()
    server.start()
    assert await ids_of(rows) == ["a", "b", "c"]


async def test_whoever_goes_on_loses_nothing_by_the_dead_ones_transaction(
    server: StoreServer, store: Store
) -> None:
    await a_rebuild_dies(server)
    commit = OneCommit(store)
    states = MongoReplayStore(store, (DATABASE,), PROJECTION, commit.session_id)
    rows = store[DATABASE][ROWS]

    state = await states.load()
    assert state == ReplayState(since=1, position=1, part=False)
    assert await ids_of(rows) == ["committed"]

    async def write(session: AsyncClientSession | None) -> None:
        await rows.insert_one({"_id": "later"}, session=session)

    await commit.run(write)
    await states.save(ReplayState(since=1, position=2, part=False))
    server.kill()
    server.start()
    assert await ids_of(rows) == ["committed", "later"]
    state = await states.load()
    assert state is not None
    assert state.position == 2


async def test_a_dead_rebuild_can_be_discarded(server: StoreServer, store: Store) -> None:
    await a_rebuild_dies(server)
    states = MongoReplayStore(store, (DATABASE,), PROJECTION, OneCommit(store).session_id)
    await states.drop()
    server.kill()
    server.start()
    assert await states.load() is None
    assert await ids_of(store[DATABASE][ROWS]) == []
