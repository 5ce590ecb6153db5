"""A rebuild that dies within a transaction: ``python -m tests.analytics.replay.dying_rebuild``."""

import asyncio
import os
import signal
import sys

from pymongo.asynchronous.client_session import AsyncClientSession

from analytics.replay.one_commit import OneCommit
from analytics.replay.replay_store import MongoReplayStore, ReplayState
from analytics.store_client import open_store

DATABASE, ROWS, PROJECTION = "rivulet_replay_dying", "rows", "history"


async def die(store_url: str) -> None:
    """Keep a state and one row, then die with a second one written and not committed."""
    async with open_store(store_url) as store:
        commit = OneCommit(store)
        states = MongoReplayStore(store, (DATABASE,), PROJECTION, commit.session_id)
        rows = store[DATABASE][ROWS]
        await states.save(ReplayState(since=1, position=1, part=False))
        await rows.insert_one({"_id": "committed"})

        async def write(session: AsyncClientSession | None) -> None:
            assert session is not None
            await rows.insert_one({"_id": "uncommitted"}, session=session)
            os.kill(os.getpid(), signal.SIGKILL)

        await commit.run(write)


if __name__ == "__main__":
    asyncio.run(die(sys.argv[1]))
