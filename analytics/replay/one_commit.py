"""Have the store commit many writes at once, where it can.

The embedded store commits each document by itself otherwise, which takes half of the time of a
rebuild. MongoDB has transactions in replica sets only; anywhere else writes go as they always do.
"""

import uuid
from collections.abc import Awaitable, Callable

import structlog
from bson.binary import Binary, UuidRepresentation
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, ConfigurationError, OperationFailure

from analytics.store_client import Store, store_errors

Write = Callable[[AsyncClientSession | None], Awaitable[object]]

# As MongoDB answers where it has no transactions, and no such one.
_IMPOSSIBLE = {20, 263}

log = structlog.get_logger(__name__)


class OneCommit:
    """The transactions of one process, one at a time.

    For a database that no other process writes to: the embedded store lets everybody write into an
    open transaction. It keeps one open when the process that began it dies, too; whoever goes on
    there has to call ``end_session`` first, or would lose all that it writes with the store's end.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: AsyncClientSession | None = None
        self._possible = True

    @property
    def session_id(self) -> str:
        """The session of all transactions, for ``end_session``."""
        return str(self._opened().session_id["id"].as_uuid())

    async def run(self, write: Write) -> None:
        """Call ``write`` within a transaction, and without where that fails; raises as it does.

        ``write`` may so be called twice. The collection has to be there already.
        """
        if not (self._possible and await self._in_transaction(write)):
            await write(None)

    async def _in_transaction(self, write: Write) -> bool:
        session = self._opened()
        try:
            async with await session.start_transaction():
                await write(session)
        except BulkWriteError:
            # Which documents were there already is told only where each write stands by itself.
            pass
        except (OperationFailure, ConfigurationError) as error:
            if isinstance(error, ConfigurationError) or error.code in _IMPOSSIBLE:
                log.info("store_without_transactions", error=type(error).__name__)
                self._possible = False
                return False
        else:
            return True
        # An abort that did not arrive is not told.
        await end_session(self._store, self.session_id)
        return False

    def _opened(self) -> AsyncClientSession:
        if self._session is None:
            self._session = self._store.start_session()
        return self._session


async def end_session(store: Store, session_id: str) -> None:
    """Undo what a session has not committed; raises ``StoreUnavailable`` or ``StoreRefused``."""
    binary = Binary.from_uuid(uuid.UUID(session_id), UuidRepresentation.STANDARD)
    async with store_errors():
        await store.admin.command("endSessions", [{"id": binary}])
