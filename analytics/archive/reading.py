"""Read the archive's payloads in the order of the log, a bounded number of rows at a time."""

import heapq
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.archive.folder import ArchiveFolder
from analytics.archive.segments import Part, Segment
from analytics.errors import ArchiveDamaged
from analytics.replay.stored_event import StoredEvent

_ROWS = 1_000


class ArchiveReader:
    """The archive's rows; files that no segment lists are passed over."""

    def __init__(self, folder: ArchiveFolder) -> None:
        self._folder = folder

    def batches(self, kinds: Collection[str], first: int, last: int) -> Iterator[list[StoredEvent]]:
        """Yield the rows of some kinds in a range of sequences; raises ``ArchiveDamaged``."""
        for segment in self._folder.segments():
            if segment.last < first or segment.first > last:
                continue
            batch: list[StoredEvent] = []
            for event in self._rows(segment, kinds):
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
            table = self._table(part, ["seq", "stored_at"])
            times = table.column("stored_at").cast(pa.int64()).to_pylist()
            yield from zip(table.column("seq").to_pylist(), times, strict=True)

    def _rows(self, segment: Segment, kinds: Collection[str]) -> Iterator[StoredEvent]:
        parts = [self._events(part) for part in segment.parts if part.kind in kinds]
        return parts[0] if len(parts) == 1 else heapq.merge(*parts)

    def _events(self, part: Part) -> Iterator[StoredEvent]:
        path = self._folder.path / part.path
        try:
            with pq.ParquetFile(path) as file:
                _check_rows(path, part, file.metadata.num_rows)
                for batch in file.iter_batches(_ROWS, columns=["seq", "payload"]):
                    sequences, payloads = batch.column(0).to_pylist(), batch.column(1).to_pylist()
                    for sequence, payload in zip(sequences, payloads, strict=True):
                        # What was erased stays as an empty row.
                        if payload is not None:
                            yield StoredEvent(sequence, payload)
        except (OSError, pa.ArrowException) as error:
            raise damaged(path, part, str(error)) from error

    def _table(self, part: Part, columns: list[str]) -> pa.Table:
        path = self._folder.path / part.path
        try:
            with pq.ParquetFile(path) as file:
                return file.read(columns)
        except (OSError, pa.ArrowException) as error:
            raise damaged(path, part, str(error)) from error


def _check_rows(path: Path, part: Part, found: int) -> None:
    if found != part.rows:
        raise damaged(path, part, f"it has {found} rows of {part.rows}")


def damaged(path: Path, part: Part, why: str) -> ArchiveDamaged:
    """Return the error that names a file and says what to do about it."""
    lists = f"_segments/{Path(part.path).stem}.json"
    return ArchiveDamaged(
        f"{path} is missing, cut short or damaged ({why}). Restore it from a backup; or move "
        f"{lists} out of the archive: its range is then read from the log, if that still holds it"
    )
