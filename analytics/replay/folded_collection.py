"""Fold documents of one collection in memory and write them in bulk.

A document that this has not written itself is taken for new. If it is not, its insert fails as a
duplicate; then it is read, the same changes are made to it, and it is replaced. So a rebuild reads
next to nothing, and one that was killed goes on over what it had written.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from analytics.errors import NotStorable, StoreRefused
from analytics.replay.one_commit import OneCommit, Write
from analytics.store_client import Collection, Document, store_errors

Change = Callable[[Any], Any]

_DUPLICATE_KEY = 11000
# Documents that are remembered after they were written: who talks goes on talking.
_REMEMBERED = 4_000
_AT_ONCE = 2_000


class Folding(Protocol):
    """Where changes of documents go."""

    def change(self, key: str, change: Change) -> None:
        """Change a document; ``change`` gets it, or ``None``, and may change it in place.

        It may be called again with another document, and must give equal ones for equal ones.
        """


class FoldedCollection:
    """The documents of one collection; ``seal`` completes one before it is written."""

    def __init__(
        self, collection: Collection, commit: OneCommit, seal: Change | None = None
    ) -> None:
        self._collection = collection
        self._commit = commit
        # A collection that is made within a transaction would go with it.
        self._is_made = False
        self._seal = seal
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._changed: dict[str, Document] = {}
        self._changes: dict[str, list[Change]] = {}
        # Documents that no store takes; the live projection has none of them either.
        self.not_storable: list[str] = []

    def change(self, key: str, change: Change) -> None:
        """Change a document in memory; see ``Folding``."""
        old = self._changed.get(key)
        if old is None:
            old = self._known.get(key)
            self._changes[key] = [change]
        else:
            self._changes[key].append(change)
        self._changed[key] = change(old)

    async def write(self) -> None:
        """Write what has changed; raises ``StoreUnavailable`` or ``StoreRefused``.

        May be called again after either.
        """
        if self._seal is not None:
            for key, document in self._changed.items():
                self._changed[key] = self._seal(document)
        old = [key for key in self._changed if key in self._known]
        new = [key for key in self._changed if key not in self._known]
        for keys in _slices(new):
            old += await self._insert(keys)
        for keys in _slices(old):
            await self._replace(keys)
        self._remember()

    async def _insert(self, keys: Sequence[str]) -> list[str]:
        """Insert documents; return those that were there, with the changes made to them."""
        documents = [{**self._changed[key]} for key in keys]
        try:
            await self._commit_all(
                lambda session: self._collection.insert_many(
                    documents, ordered=False, session=session
                )
            )
        except BulkWriteError as error:
            there = [keys[failure["index"]] for failure in _duplicates(error)]
            await self._change_again(there)
            return there
        except NotStorable:
            return await self._insert_singly(keys)
        return []

    async def _commit_all(self, write: Write) -> None:
        async with store_errors():
            await (self._commit.run(write) if self._is_made else write(None))
        self._is_made = True

    async def _insert_singly(self, keys: Sequence[str]) -> list[str]:
        """Insert documents of which one cannot be stored, and pass over that."""
        if len(keys) == 1:
            self.not_storable += keys
            self._forget(keys[0])
            return []
        middle = len(keys) // 2
        return [*await self._insert(keys[:middle]), *await self._insert(keys[middle:])]

    async def _change_again(self, keys: Sequence[str]) -> None:
        async with store_errors():
            found = await self._collection.find({"_id": {"$in": list(keys)}}).to_list()
        for document in found:
            key = document["_id"]
            for change in self._changes[key]:
                document = change(document)
            self._changed[key] = document if self._seal is None else self._seal(document)

    async def _replace(self, keys: Sequence[str]) -> None:
        writes = [ReplaceOne({"_id": key}, {**self._changed[key]}) for key in keys]
        try:
            await self._commit_all(
                lambda session: self._collection.bulk_write(writes, session=session)
            )
        except BulkWriteError as error:
            raise StoreRefused("the store refused rebuilt documents") from error
        except NotStorable:
            if len(keys) > 1:
                middle = len(keys) // 2
                await self._replace(keys[:middle])
                await self._replace(keys[middle:])
                return
            self.not_storable += keys
            self._forget(keys[0])

    def _forget(self, key: str) -> None:
        del self._changed[key], self._changes[key]

    def _remember(self) -> None:
        for key, document in self._changed.items():
            self._known[key] = document
            self._known.move_to_end(key)
        self._changed.clear()
        self._changes.clear()
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _slices(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]


def _duplicates(error: BulkWriteError) -> list[dict[str, Any]]:
    failures: list[dict[str, Any]] = error.details.get("writeErrors", [])
    if any(failure.get("code") != _DUPLICATE_KEY for failure in failures):
        raise StoreRefused("the store refused rebuilt documents") from error
    return failures
