"""Take what was erased out of the archive's files: its rows stay, with nothing in them.

A row keeps its sequence and its time, so that a segment still holds all of its range. Each file is
replaced in one step; a crash in between is finished by the same command.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from analytics.archive.folder import ArchiveFolder
from analytics.archive.reading import opened
from analytics.archive.segments import Part
from analytics.archive.writing import put, write_table
from schemas.subjects import user_of

# Tells whether a user, or a conversation of theirs (``""``: none), is erased.
IsErased = Callable[[str, str], bool]

_KEPT = ("seq", "stored_at")
# Of what does not parse only the subject says whose it is. A row that is empty is nobody's.
_OWNERS = ("subject", "user_id", "conversation_id")


def blank_erased(folder: ArchiveFolder, is_erased: IsErased, keep_kinds: tuple[str, ...]) -> int:
    """Empty the rows of what is erased, but for some kinds; return how many there were.

    Raises ``ArchiveDamaged`` or ``OSError``.
    """
    return sum(
        _blank_part(folder.path / part.path, part, is_erased)
        for segment in folder.segments()
        for part in segment.parts
        if part.kind not in keep_kinds
    )


def _blank_part(path: Path, part: Part, is_erased: IsErased) -> int:
    with opened(path, part, _OWNERS) as file:
        owners = file.read(_OWNERS)
        rows = zip(*(owners.column(name).to_pylist() for name in _OWNERS), strict=True)
        erased = [
            is_erased(user or user_of(subject or ""), conversation or "")
            for subject, user, conversation in rows
        ]
        if not any(erased):
            return 0
        table = file.read()
    blank = _without(table, erased)
    put(path, lambda place: write_table(place, blank))
    return sum(erased)


def _without(table: pa.Table, erased: list[bool]) -> pa.Table:
    columns = [
        column
        if name in _KEPT
        else pa.chunked_array(
            [
                pa.array(
                    [
                        None if gone else value
                        for gone, value in zip(erased, column.to_pylist(), strict=True)
                    ],
                    column.type,
                )
            ]
        )
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)
