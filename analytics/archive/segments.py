"""Name the pieces of the archive: a segment is a range of the log, in a file a day and kind.

    archive/
      _segments/00000000000000000001-00000000000000023017.json    which files belong to the range
      day=2026-11-26/event=ReplyFinished/00000000000000000001-00000000000000023017.parquet

A segment is there once its list is: the list is written last, so files without one are what a
crash left, and are removed at the next start.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from analytics.errors import ArchiveDamaged

LISTS = "_segments"
UNFINISHED = ".tmp"


class Part(Struct, frozen=True):
    """One file of a segment; ``path`` is relative to the archive."""

    path: str
    kind: str
    rows: int


class Segment(Struct, frozen=True):
    """All that the log held of the sequences ``first`` to ``last``, both included.

    ``log_created`` tells the log apart from one that was made anew and counts from 1 again.
    """

    first: int
    last: int
    log_created: str
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """Its name, which sorts by the range."""
        return name_of(self.first, self.last)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a segment's list; raises ``ArchiveDamaged``."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError) as error:
            raise ArchiveDamaged(
                f"{path} cannot be read ({error}): restore it from a backup, or move it away; "
                "a replay then reads its range from the log, if that still holds it"
            ) from error


def name_of(first: int, last: int) -> str:
    """Return the name of a range of sequences."""
    return f"{first:020d}-{last:020d}"


def range_of(name: str) -> tuple[int, int] | None:
    """Return the range that a file's name says, ``None`` for a name that is no segment's."""
    first, dash, last = name.split(".", 1)[0].partition("-")
    if not dash or not first.isdecimal() or not last.isdecimal():
        return None
    return int(first), int(last)


def part_path(day: str, kind: str, name: str) -> str:
    """Return where a segment's rows of a day and kind are, relative to the archive."""
    return f"day={day}/event={kind}/{name}.parquet"


def covered(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges in order, with those that follow on each other joined."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
