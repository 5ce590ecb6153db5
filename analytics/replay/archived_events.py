"""Read an archive beside the event loop: decompressing would hold it up."""

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path

from analytics.archive.folder import ArchiveFolder
from analytics.archive.reading import ArchiveReader
from analytics.replay.stored_event import StoredEvent
from analytics.replay.stretches import Range


class ArchivedEvents:
    """The archive in a folder."""

    def __init__(self, path: Path) -> None:
        self._folder = ArchiveFolder(path)
        self._reader = ArchiveReader(self._folder)

    def ranges(self) -> list[Range]:
        """Return which sequences it holds."""
        return self._folder.ranges()

    def log_created(self) -> str | None:
        """Return which log it was written from, ``None`` while it is empty."""
        last = self._folder.last_segment()
        return None if last is None else last.log_created

    async def events(
        self, subject: str, kinds: Collection[str], first: int, last: int
    ) -> AsyncIterator[list[StoredEvent]]:
        """Yield the rows of some kinds in a range; of unknown kinds, those on a subject."""
        batches = self._reader.batches(subject, kinds, first, last)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch

    async def first_since(self, at_ms: int) -> int | None:
        """Return the first sequence that was stored at a moment or later."""
        return await asyncio.to_thread(self._reader.first_since, at_ms)

    async def stored_ms(self, sequence: int) -> int | None:
        """Return when the first row from a sequence on was stored."""
        return await asyncio.to_thread(self._reader.stored_ms, sequence)
