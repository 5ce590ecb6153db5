"""What was erased leaves the files, whatever the event looked like."""

from pathlib import Path

import pytest

from analytics.archive.blanking import blank_erased
from analytics.archive.folder import ArchiveFolder
from analytics.archive.rows import Message, Row, row_of
from analytics.archive.writing import write_segment
from analytics.errors import ArchiveDamaged
from schemas import ids, subjects
from schemas.events import Event, encode_event
from tests.analytics.archive.events import rows_in, subject_of
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of


def row(sequence: int, subject: str, payload: bytes) -> Row:
    found = row_of(Message(sequence, SUBMITTED_AT_MS, subject, payload))
    assert found is not None
    return found


def row_with(sequence: int, event: Event) -> Row:
    return row(sequence, subject_of(event), encode_event(event))


def archive(path: Path, *rows: Row) -> ArchiveFolder:
    folder = ArchiveFolder(path)
    write_segment(folder, 1, len(rows), "2026-01-01T00:00:00Z", rows)
    return folder


def blank(folder: ArchiveFolder, erased: str) -> int:
    return blank_erased(folder, lambda user, _: user == erased, ("UserErased",))


def test_what_does_not_parse_is_known_by_its_subject(tmp_path: Path) -> None:
    gone, stays = ids.new_user_id(), ids.new_user_id()
    folder = archive(
        tmp_path,
        row(1, subjects.finished(gone, "m"), b"a secret, cut off"),
        row(2, subjects.finished(stays, "m"), b"another, cut off"),
        row(3, subjects.conversation(gone), b'{"event":"LaterKind","text":"a secret"}'),
        row_with(4, end_of(prompt_of(gone))),
        row_with(5, end_of(prompt_of(stays))),
    )
    assert blank(folder, gone) == 3
    rows = rows_in(tmp_path)
    assert [r["seq"] for r in rows if r["payload"] is None] == [1, 3, 4]
    assert [r["seq"] for r in rows if r["subject"] is None] == [1, 3, 4]
    assert rows[1]["payload"] == b"another, cut off"
    assert gone not in str(rows)
    assert blank(folder, gone) == 0


def test_a_rotten_file_is_not_written_anew(tmp_path: Path) -> None:
    gone = ids.new_user_id()
    folder = archive(tmp_path, row_with(1, end_of(prompt_of(gone))))
    path = next(tmp_path.glob("day=*/event=*/*.parquet"))
    content = bytearray(path.read_bytes())
    for place in range(8, len(content) // 2):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ArchiveDamaged, match=path.name):
        blank(folder, gone)
    assert path.read_bytes() == content
