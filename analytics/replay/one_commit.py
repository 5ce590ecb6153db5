"""Have the store commit many writes at once, where it can.

The embedded store commits each document by itself otherwise, which takes half of the time of a
rebuild. MongoDB has transactions in replica sets only; anywhere else writes go as they always do.
"""

from collections.abc import Awaitable, Callable

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, ConfigurationError, OperationFailure

from analytics.store_client import Store

Write = Callable[[AsyncClientSession | None], Awaitable[object]]

log = structlog.get_logger(__name__)


class OneCommit:
    """For writes that may be repeated, and of which nobody reads before they are all done."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._possible = True

    async def run(self, write: Write) -> None:
        """Call ``write`` within a transaction, and without where that fails; raises as it does."""
        if not (self._possible and await self._in_transaction(write)):
            await write(None)

    async def _in_transaction(self, write: Write) -> bool:
        try:
            async with self._store.start_session() as session, await session.start_transaction():
                await write(session)
        except BulkWriteError:
            # Which documents were there already is told only where each write stands by itself.
            return False
        except (OperationFailure, ConfigurationError) as error:
            log.info("store_without_transactions", error=type(error).__name__)
            self._possible = False
            return False
        return True
