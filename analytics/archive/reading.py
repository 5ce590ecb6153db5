"""Read the archive's payloads in the order of the log, a bounded number of rows at a time.

What is read is checked: the pages by their checksums (files of earlier versions have none), and
what says where they are by the rows and columns that there must be.
"""

import heapq
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.archive.folder import ArchiveFolder
from analytics.archive.rows import UNKNOWN_KINDS
from analytics.archive.segments import Part, Segment
from analytics.archive.table import SCHEMA
from analytics.errors import ArchiveDamaged
from analytics.replay.stored_event import StoredEvent
from schemas.subjects import is_within

_ROWS = 1_000
_EVENTS = ("seq", "payload")
_ON_SUBJECTS = (*_EVENTS, "subject")
_TIMES = ("seq", "stored_at")


class ArchiveReader:
    """The archive's rows; files that no segment lists are passed over."""

    def __init__(self, folder: ArchiveFolder) -> None:
        self._folder = folder

    def batches(
        self, subject: str, kinds: Collection[str], first: int, last: int
    ) -> Iterator[list[StoredEvent]]:
        """Yield the rows of some kinds in a range of sequences; raises ``ArchiveDamaged``.

        Of ``UNKNOWN_KINDS`` those on the subject, which may have wildcards.
        """
        for segment in self._folder.segments():
            if segment.last < first or segment.first > last:
                continue
            batch: list[StoredEvent] = []
            for event in self._rows(segment, subject, kinds):
                if first <= event.sequence <= last:
                    batch.append(event)
                if len(batch) >= _ROWS:
                    yield batch
                    batch = []
            if batch:
                yield batch

    def first_since(self, at_ms: int) -> int | None:
        """Return the first sequence that was stored at a moment or later."""
        found: list[int] = []
        for segment in self._folder.segments():
            found += [sequence for sequence, stored in self._times(segment) if stored >= at_ms]
            if found:
                return min(found)
        return None

    def stored_ms(self, sequence: int) -> int | None:
        """Return when the first row from a sequence on was stored."""
        for segment in self._folder.segments():
            if segment.last < sequence:
                continue
            if later := [row for row in self._times(segment) if row[0] >= sequence]:
                return min(later)[1]
        return None

    def _times(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """Yield the sequence of each row, and when it was stored."""
        for part in segment.parts:
            with opened(self._folder.path / part.path, part, _TIMES) as file:
                table = file.read(_TIMES)
            times = table.column("stored_at").cast(pa.int64()).to_pylist()
            yield from zip(table.column("seq").to_pylist(), times, strict=True)

    def _rows(
        self, segment: Segment, subject: str, kinds: Collection[str]
    ) -> Iterator[StoredEvent]:
        parts = [
            self._events_on(subject, part) if part.kind in UNKNOWN_KINDS else self._events(part)
            for part in segment.parts
            if part.kind in kinds
        ]
        return parts[0] if len(parts) == 1 else heapq.merge(*parts)

    def _events(self, part: Part) -> Iterator[StoredEvent]:
        for sequence, payload in self._columns(part, _EVENTS):
            # What was erased stays as an empty row.
            if payload is not None:
                yield StoredEvent(sequence, payload)

    def _events_on(self, wanted: str, part: Part) -> Iterator[StoredEvent]:
        for sequence, payload, subject in self._columns(part, _ON_SUBJECTS):
            if payload is not None and is_within(subject, wanted):
                yield StoredEvent(sequence, payload)

    def _columns(self, part: Part, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        with opened(self._folder.path / part.path, part, names) as file:
            for batch in file.iter_batches(_ROWS, columns=names):
                yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


@contextmanager
def opened(path: Path, part: Part, columns: Sequence[str]) -> Iterator[pq.ParquetFile]:
    """Open a file to read some columns of it; what goes wrong in the block is its damage.

    Raises ``ArchiveDamaged``.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _check(file, part, columns)
            yield file
    # Bytes that are no text are a `ValueError`.
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _damaged(path, part, str(error)) from error


def _check(file: pq.ParquetFile, part: Part, columns: Sequence[str]) -> None:
    rows, found = file.metadata.num_rows, file.schema_arrow
    if rows != part.rows:
        raise ValueError(f"it has {rows} rows of {part.rows}")
    for name in columns:
        if found.get_field_index(name) < 0 or found.field(name).type != SCHEMA.field(name).type:
            raise ValueError(f"its column {name} is not what it was")


def _damaged(path: Path, part: Part, why: str) -> ArchiveDamaged:
    """Return the error that names a file and says what to do about it."""
    lists = f"_segments/{Path(part.path).stem}.json"
    return ArchiveDamaged(
        f"{path} is missing, cut short or damaged ({why}). Restore it from a backup; or move "
        f"{lists} out of the archive: its range is then read from the log, if that still holds it"
    )
