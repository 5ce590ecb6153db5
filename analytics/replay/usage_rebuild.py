"""Rebuild the usage: one document a reply."""

from collections.abc import Sequence
from typing import Any, cast

from analytics.archive.rows import UNKNOWN_KINDS
from analytics.replay.erased import Erased
from analytics.replay.folded_collection import FoldedCollection, Folding
from analytics.replay.missing import Missing, has_history, history_knows
from analytics.replay.one_commit import OneCommit
from analytics.replay.rebuild import RebuiltCollection, rebuilt_database
from analytics.stale_rollups import StaleRollups
from analytics.store_client import Document, Store, store_errors
from analytics.usage_documents import usage_document
from analytics.usage_store import MongoUsageStore
from schemas import subjects
from schemas.documents import USAGE, USAGE_DATABASE, UsageDocument
from schemas.events import Event, ReplyFinished

# Clocks of those who publish and of the broker agree to this.
_CLOCKS_MS = 60_000


class UsageFold:
    """Folds finished replies into changes of documents. Pure: where they go is passed in."""

    def __init__(self, usage: Folding) -> None:
        self._usage = usage

    def fold(self, event: Event, sequence: int) -> None:  # noqa: ARG002 (of the port)
        """Take one event, as ``usage_consumer.py`` does."""
        if isinstance(event, ReplyFinished):
            document = usage_document(event)
            self._usage.change(event.reply_id, lambda old: _earliest(old, document))


def _earliest(old: UsageDocument | None, new: UsageDocument) -> Any:
    if old is None or old["finished_at_ms"] > new["finished_at_ms"]:
        return {**(old or {}), **new}
    return old


class UsageRebuild:
    """The usage, rebuilt into a database of its own."""

    subject = subjects.ALL_FINISHED
    kinds = UNKNOWN_KINDS | {"ReplyFinished"}

    def __init__(self, store: Store, name: str) -> None:
        database = rebuilt_database(USAGE_DATABASE, name)
        self._store = store
        self._live = store[USAGE_DATABASE][USAGE]
        self._stale = StaleRollups(store)
        self._rebuilt_store = MongoUsageStore(store, database)
        commit = OneCommit(store)
        self.session_id = commit.session_id
        self._usage = FoldedCollection(store[database][USAGE], commit)
        self._fold = UsageFold(self._usage)
        # What a reply cost stays when its conversation is erased, though its events are gone; and
        # without an archive the ends of temporary replies leave the log after an hour.
        self.collections = (
            RebuiltCollection(USAGE, self._live, store[database][USAGE], keeps=True),
        )

    def fold(self, event: Event, sequence: int) -> None:
        """Take one event, in memory."""
        self._fold.fold(event, sequence)

    async def write(self) -> None:
        """Write what has been folded."""
        await self._usage.write()

    async def finish(self) -> None:
        """Make the indexes."""
        await self._rebuilt_store.prepare()

    async def touched(self, documents: Sequence[Document], *, written: bool) -> None:
        """Have the roll-ups made anew that count these documents."""
        usages = [cast("UsageDocument", document) for document in documents]
        await self._stale.mark_minutes(usages, later=not written)

    async def knows(self, missing: Sequence[Missing], erased: Erased) -> bool:
        """Tell whether there are replies whose ends are missing.

        Usage documents know no sequence. So the history is asked, which does: what it does not have
        was erased, temporary or forgotten. Without a history, the times of the replies tell.
        """
        if await has_history(self._store):
            return await history_knows(self._store, missing, erased)
        fields = {"user_id": 1, "conversation_id": 1}
        async with store_errors():
            async for document in self._live.find(_finished_before(missing), fields):
                if not erased.holds(document["user_id"], document["conversation_id"]):
                    return True
        return False


def _finished_before(missing: Sequence[Missing]) -> dict[str, Any]:
    """Return the query for replies that ended before the last of what is missing."""
    until_ms = max(missing, key=lambda one: one.last).until_ms
    return {} if until_ms is None else {"finished_at_ms": {"$lt": until_ms - _CLOCKS_MS}}
