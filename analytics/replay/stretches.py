"""Plan where each part of the log's past is read from. Pure: ranges in, ranges out.

The archive comes first, since it reads only the kinds that are wanted; the log has the rest.
All ranges are of sequences, with both ends included.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from analytics.archive.segments import covered

Range = tuple[int, int]


class Stretch(NamedTuple):
    """A range, and who has it; ``missing``: nobody has."""

    source: Literal["archive", "log", "missing"]
    first: int
    last: int


def stretches(archived: Sequence[Range], log_first: int, first: int, last: int) -> list[Stretch]:
    """Return where the sequences from ``first`` to ``last`` are, in order and without a gap."""
    found: list[Stretch] = []
    at = first
    for begins, ends in covered(archived):
        if ends < at or begins > last:
            continue
        found += _from_log(at, begins - 1, log_first)
        found.append(Stretch("archive", max(begins, at), min(ends, last)))
        at = min(ends, last) + 1
    return found + _from_log(at, last, log_first)


def _from_log(first: int, last: int, log_first: int) -> list[Stretch]:
    if first > last:
        return []
    if log_first <= first:
        return [Stretch("log", first, last)]
    if log_first > last:
        return [Stretch("missing", first, last)]
    return [Stretch("missing", first, log_first - 1), Stretch("log", log_first, last)]
