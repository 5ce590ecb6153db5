"""Write one segment: every file beside its place, flushed and renamed, and the list at last.

A crash between any two steps leaves the archive as it was, but for files that no list names.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.archive.folder import ArchiveFolder, sync_folder
from analytics.archive.rows import Row
from analytics.archive.segments import LISTS, UNFINISHED, Part, Segment, name_of, part_path
from analytics.archive.table import RANGED, REPEATING, table_of

# Higher levels cost several times as much for a few percent.
_ZSTD_LEVEL = 3


def write_segment(
    folder: ArchiveFolder, first: int, last: int, log_created: str, rows: Sequence[Row]
) -> Segment:
    """Write the rows of a range of the log; returns when they are on the disk.

    Raises ``OSError`` when they are not, such as for want of room; nothing is left of them then.
    """
    name = name_of(first, last)
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.day, row.kind), []).append(row)
    parts = [
        Part(part_path(day, kind, name), kind, len(group)) for (day, kind), group in grouped.items()
    ]
    segment = Segment(first, last, log_created, tuple(parts))
    try:
        for part, group in zip(parts, grouped.values(), strict=True):
            write_rows(folder.path / part.path, group)
        written = msgspec.json.encode(segment)
        put(folder.path / LISTS / f"{name}.json", lambda path: _write_bytes(path, written))
    except BaseException:
        for part in parts:
            (folder.path / part.path).unlink(missing_ok=True)
        raise
    return segment


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write one Parquet file; raises ``OSError``."""
    put(path, lambda place: write_table(place, table_of(rows)))


def put(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a file beside its place, then put it there in one step."""
    _make_folder(path.parent)
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        write(unfinished)
        _sync_file(unfinished)
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as every file of the archive is written; raises ``OSError``."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        use_dictionary=REPEATING,
        write_statistics=RANGED,
        # A disk that rots changes values without an error otherwise.
        write_page_checksum=True,
    )


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(path: Path) -> None:
    if path.is_dir():
        return
    path.mkdir(parents=True, exist_ok=True)
    # Of the two levels, kind and day.
    for parent in (path.parent, path.parent.parent):
        sync_folder(parent)
