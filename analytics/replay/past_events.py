"""The whole past of the log as one sequence of events: the archive, then the log."""

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Protocol

from nats.aio.client import Client

from analytics.errors import ArchiveOfAnotherLog
from analytics.log_state import LogState, log_state
from analytics.replay.erased import ERASING_KINDS, Erased
from analytics.replay.log_events import LogEvents
from analytics.replay.missing import Missing
from analytics.replay.stored_event import StoredEvent
from analytics.replay.stretches import Range, Stretch, stretches
from analytics.store_client import Store
from schemas import subjects
from schemas.direct_get import DirectGet


class Archived(Protocol):
    """An archive to read; all raise ``ArchiveDamaged``."""

    def ranges(self) -> list[Range]:
        """Return which sequences it holds."""

    def log_created(self) -> str | None:
        """Return which log it was written from, ``None`` while it is empty."""

    def events(
        self, subject: str, kinds: Collection[str], first: int, last: int
    ) -> AsyncIterator[list[StoredEvent]]:
        """Yield the rows of some kinds in a range; of unknown kinds, those on a subject."""

    async def first_since(self, at_ms: int) -> int | None:
        """Return the first sequence that was stored at a moment or later."""

    async def stored_ms(self, sequence: int) -> int | None:
        """Return when the first row from a sequence on was stored."""


class PastEvents:
    """Reads archive and log; ``state`` is what the log held when this was opened."""

    def __init__(
        self, broker: Client, log: LogEvents, archive: Archived | None, state: LogState
    ) -> None:
        """Use ``open`` instead."""
        self._broker = broker
        self._log = log
        self._archive = archive
        self.state = state

    @classmethod
    async def open(
        cls, broker: Client, archive: Archived | None, folder: Path | None
    ) -> "PastEvents":
        """Return the past as it is now; raises ``LogUnavailable`` or ``ArchiveOfAnotherLog``."""
        state = await log_state(broker)
        made = archive.log_created() if archive is not None else None
        if made is not None and made != state.created:
            raise ArchiveOfAnotherLog(
                f"{folder} was written from the log made at {made}, this one was made at "
                f"{state.created}: point RIVULET_ARCHIVE_DIR at this log's archive, or unset it"
            )
        return cls(broker, LogEvents(await DirectGet.open(broker)), archive, state)

    async def refresh(self) -> None:
        """See what has come since."""
        self.state = await log_state(self._broker)

    def stretches(self, first: int, last: int) -> list[Stretch]:
        """Return where a range is."""
        archived = self._archive.ranges() if self._archive is not None else []
        return stretches(archived, self.state.first, first, last)

    async def missing(self, first: int, last: int) -> list[Missing]:
        """Return what neither log nor archive has of a range."""
        return [
            Missing(begins, ends, await self._stored_ms(ends + 1))
            for source, begins, ends in self.stretches(first, last)
            if source == "missing"
        ]

    async def events(
        self, subject: str, kinds: Collection[str], first: int, last: int
    ) -> AsyncIterator[list[StoredEvent]]:
        """Yield events of a range in order: on a subject of the log, of kinds of the archive."""
        for source, begins, ends in self.stretches(first, last):
            if source == "archive" and self._archive is not None:
                batches = self._archive.events(subject, kinds, begins, ends)
            else:
                batches = self._log.batches(subject, begins, ends)
            async for batch in batches:
                yield batch

    async def erased(self, store: Store) -> Erased:
        """Return what may never come back."""
        erased = Erased()
        await erased.add_notes(store)
        last = self.state.last
        await erased.add_all(self.events(subjects.ALL_CONVERSATIONS, ERASING_KINDS, 1, last))
        await erased.add_all(self._log.batches(subjects.ALL_ERASED_USERS, 1, last))
        return erased

    async def first_since(self, at_ms: int) -> int:
        """Return the first sequence stored at a moment or later, else the next one to come."""
        found = await self._archive.first_since(at_ms) if self._archive is not None else None
        if found is None:
            found = await self._log.first_since(at_ms)
        return self.state.last + 1 if found is None else found

    async def _stored_ms(self, sequence: int) -> int | None:
        """Return when the first message from a sequence on was stored, of those that there are."""
        found = [await self._log.first_stored_ms(sequence)]
        if self._archive is not None:
            found.append(await self._archive.stored_ms(sequence))
        return min((at_ms for at_ms in found if at_ms is not None), default=None)
