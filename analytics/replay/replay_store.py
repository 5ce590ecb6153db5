"""Remember how far a rebuild has come, so that a killed one goes on, and what it is good for."""

import secrets
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import asdict

from analytics.errors import ReplayRefused
from analytics.replay.one_commit import end_session
from analytics.store_client import Collection, Store, store_errors

_REPLAYS = "replays"


class ReplayState(Struct, frozen=True, kw_only=True):
    """A rebuild: the sequences ``since`` to ``position`` are in it.

    ``part``: it does not begin where the live projection does. ``finished`` says that its indexes
    are made. ``unreadable`` counts events that do not parse or are absurd, which the live
    projection has set aside, ``first_unreadable`` is the sequence of the first.
    """

    since: int
    position: int
    part: bool
    events: int = 0
    unreadable: int = 0
    first_unreadable: int = 0
    finished: bool = False


class ReplayStore(Protocol):
    """Where the state is; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def load(self) -> ReplayState | None:
        """Return the state, ``None`` when there is none, and own the rebuild from now on."""

    async def save(self, state: ReplayState) -> None:
        """Keep the state; raises ``ReplayRefused`` when another process owns the rebuild."""

    async def drop(self) -> None:
        """Remove the rebuild with all its documents."""


class MongoReplayStore:
    """The state, beside the documents that it is about.

    ``session_id`` is of the session in which this process writes them.
    """

    def __init__(
        self, store: Store, databases: tuple[str, ...], projection: str, session_id: str
    ) -> None:
        self._store = store
        self._databases = databases
        self._projection = projection
        self._session_id = session_id
        self._replays: Collection = store[databases[0]][_REPLAYS]
        self._owner = secrets.token_hex(8)

    async def load(self) -> ReplayState | None:
        """Return the state, ``None`` when there is none, and own the rebuild from now on."""
        found = await self._found()
        if found is None:
            return None
        mine = {"owner": self._owner, "session_id": self._session_id}
        async with store_errors():
            await self._replays.update_one({"_id": self._projection}, {"$set": mine})
        return _state(found)

    async def save(self, state: ReplayState) -> None:
        """Keep the state; raises ``ReplayRefused`` when another process owns the rebuild."""
        mine = {"_id": self._projection, "owner": self._owner}
        document = {**mine, "session_id": self._session_id, **asdict(state)}
        async with store_errors():
            # Not `$set`: by that the embedded store keeps booleans as numbers.
            if (await self._replays.replace_one(mine, document)).matched_count:
                return
            if await self._replays.find_one({"_id": self._projection}) is None:
                await self._replays.insert_one(document)
                return
        raise ReplayRefused("another process goes on with this rebuild; leave it to that one")

    async def drop(self) -> None:
        """Remove the rebuild with all its documents."""
        await self._found()
        async with store_errors():
            for database in self._databases:
                await self._store.drop_database(database)

    async def _found(self) -> dict[str, Any] | None:
        """Return the state's document once a killed process has no transaction open."""
        async with store_errors():
            # The embedded store makes a database that is only asked for something.
            if self._databases[0] not in await self._store.list_database_names():
                return None
            found = await self._replays.find_one({"_id": self._projection})
            if found is None or "session_id" not in found:
                return found
            await end_session(self._store, found["session_id"])
            # What was read may have been written within that transaction.
            return await self._replays.find_one({"_id": self._projection})


def _state(found: dict[str, Any]) -> ReplayState:
    return ReplayState(
        since=int(found["since"]),
        position=int(found["position"]),
        part=bool(found["part"]),
        events=int(found["events"]),
        unreadable=int(found["unreadable"]),
        first_unreadable=int(found["first_unreadable"]),
        finished=bool(found["finished"]),
    )
