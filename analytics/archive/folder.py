"""The archive's folder: which segments are in it, who writes it, and what a crash left."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from analytics.archive.segments import LISTS, UNFINISHED, Segment, range_of
from analytics.errors import ArchiveBusy

_LOCK = "_lock"
_FILES = "day=*/event=*/*"

log = structlog.get_logger(__name__)


class ArchiveFolder:
    """Where the archive is kept; nothing of it needs to exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who writes; raises ``ArchiveBusy`` while another process does.

        The lock ends with its process, however that ends.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / _LOCK).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ArchiveBusy from error
            yield

    def ranges(self) -> list[tuple[int, int]]:
        """Return the ranges of all segments in order."""
        lists = (self.path / LISTS).glob("*.json")
        return sorted(found for path in lists if (found := range_of(path.name)) is not None)

    def segments(self) -> Iterator[Segment]:
        """Yield the segments in order; raises ``ArchiveDamaged``."""
        for path in sorted((self.path / LISTS).glob("*.json")):
            if range_of(path.name) is not None:
                yield Segment.read(path)

    def last_segment(self) -> Segment | None:
        """Return the segment of the highest sequences; raises ``ArchiveDamaged``."""
        lists = sorted((self.path / LISTS).glob("*.json"))
        return Segment.read(lists[-1]) if lists else None

    def recover(self) -> int:
        """Remove what a crash left unfinished; return the last sequence that is archived."""
        ranges = self.ranges()
        last = ranges[-1][1] if ranges else 0
        removed = 0
        for path in [*self.path.glob(_FILES), *(self.path / LISTS).glob("*" + UNFINISHED)]:
            found = range_of(path.name)
            if found is not None and (path.suffix == UNFINISHED or found[0] > last):
                path.unlink(missing_ok=True)
                removed += 1
        if removed:
            log.warning("archive_leftovers_removed", files=removed, archived_to=last)
        return last


def sync_folder(path: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
