"""What is archived can be read as it was; what is damaged is named with what to do."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.archive.folder import ArchiveFolder
from analytics.archive.reading import ArchiveReader
from analytics.archive.rows import Message, Row, row_of
from analytics.archive.segments import UNFINISHED, Segment
from analytics.archive.table import table_of
from analytics.archive.writing import write_segment
from analytics.errors import ArchiveDamaged
from schemas.events import Event, encode_event
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of

DAY_MS = 86_400_000
EVERY = ("PromptSubmitted", "ReplyFinished")


def rows_of(*events: Event, first: int = 1, at_ms: int = SUBMITTED_AT_MS) -> list[Row]:
    rows = [
        row_of(Message(sequence, at_ms, "chat.u.x", encode_event(event)))
        for sequence, event in enumerate(events, first)
    ]
    return [row for row in rows if row is not None]


def archive(folder: Path, first: int, last: int, rows: list[Row]) -> Segment:
    return write_segment(ArchiveFolder(folder), first, last, "2026-01-01T00:00:00Z", rows)


def read(folder: Path, first: int, last: int, *kinds: str) -> list[int]:
    batches = ArchiveReader(ArchiveFolder(folder)).batches("chat.>", kinds or EVERY, first, last)
    return [event.sequence for batch in batches for event in batch]


def test_rows_come_in_the_order_of_the_log_over_kinds_days_and_segments(tmp_path: Path) -> None:
    prompts = [prompt_of() for _ in range(4)]
    turns = [event for prompt in prompts for event in (prompt, end_of(prompt))]
    # The broker's clock ran backwards over midnight in between.
    archive(tmp_path, 1, 4, rows_of(*turns[:2]) + rows_of(*turns[2:4], first=3, at_ms=DAY_MS))
    archive(tmp_path, 5, 8, rows_of(*turns[4:], first=5))
    assert read(tmp_path, 1, 8) == list(range(1, 9))
    assert read(tmp_path, 3, 6) == [3, 4, 5, 6]
    assert read(tmp_path, 1, 8, "ReplyFinished") == [2, 4, 6, 8]
    assert len(list(tmp_path.glob("day=*"))) == 2


def test_it_is_known_when_what_follows_a_sequence_was_stored(tmp_path: Path) -> None:
    reader = ArchiveReader(ArchiveFolder(tmp_path))
    prompt = prompt_of()
    archive(tmp_path, 1, 3, rows_of(prompt, end_of(prompt), at_ms=1_000))
    archive(tmp_path, 6, 8, rows_of(prompt, first=7, at_ms=2_000))
    assert [reader.stored_ms(sequence) for sequence in (1, 2, 3, 7, 8)] == [
        *(1_000, 1_000, 2_000, 2_000),
        None,
    ]


def damaged(folder: Path, how: str) -> Path:
    archive(folder, 1, 2, rows_of(prompt := prompt_of(), end_of(prompt)))
    path = next(folder.glob("day=*/event=ReplyFinished/*.parquet"))
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "overwritten":
        path.write_bytes(content[:8] + b"\x00" * (len(content) - 16) + content[-8:])
    else:
        other = next(folder.glob("day=*/event=PromptSubmitted/*.parquet"))
        archive(folder / "other", 1, 2, rows_of(end_of(prompt_of()), end_of(prompt_of())))
        path.write_bytes(next((folder / "other").glob("day=*/*/*.parquet")).read_bytes())
        assert other.exists()
    return path


@pytest.mark.parametrize("how", ["missing", "empty", "cut", "overwritten", "another"])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, how: str) -> None:
    path = damaged(tmp_path, how)
    with pytest.raises(ArchiveDamaged) as raised:
        read(tmp_path, 1, 2)
    assert str(path) in str(raised.value)
    assert "_segments/" in str(raised.value)
    assert "Restore it from a backup" in str(raised.value)
    # Nobody who asks for other kinds is disturbed.
    assert read(tmp_path, 1, 2, "PromptSubmitted") == [1]


def test_a_byte_that_has_changed_is_noticed(tmp_path: Path) -> None:
    archive(tmp_path, 1, 3, rows_of(*(end_of(prompt_of()) for _ in range(3))))
    path = next(tmp_path.glob("day=*/event=ReplyFinished/*.parquet"))
    content = path.read_bytes()
    reader = ArchiveReader(ArchiveFolder(tmp_path))
    right = list(reader.batches("chat.>", EVERY, 1, 3))
    noticed = 0
    for place in range(0, len(content), 5):
        rotten = bytearray(content)
        rotten[place] ^= 0xFF
        path.write_bytes(rotten)
        try:
            # What is not asked for may be anything.
            assert list(reader.batches("chat.>", EVERY, 1, 3)) == right, place
        except ArchiveDamaged:
            noticed += 1
    assert noticed > len(content) / 20


def test_files_without_checksums_are_read(tmp_path: Path) -> None:
    rows = rows_of(end_of(prompt_of()))
    archive(tmp_path, 1, 1, rows)
    path = next(tmp_path.glob("day=*/event=ReplyFinished/*.parquet"))
    pq.write_table(table_of(rows), path)
    assert read(tmp_path, 1, 1) == [1]


def test_a_list_that_was_moved_away_takes_its_range_with_it(tmp_path: Path) -> None:
    path = damaged(tmp_path, "cut")
    (tmp_path / "_segments" / f"{path.stem}.json").unlink()
    assert ArchiveFolder(tmp_path).ranges() == []
    assert read(tmp_path, 1, 2) == []


def test_a_list_that_does_not_parse_is_named(tmp_path: Path) -> None:
    archive(tmp_path, 1, 1, rows_of(prompt_of()))
    path = next((tmp_path / "_segments").glob("*.json"))
    path.write_bytes(b'{"first": 1')
    with pytest.raises(ArchiveDamaged, match=path.name):
        read(tmp_path, 1, 1)


def test_files_that_are_not_finished_or_not_ours_are_ignored(tmp_path: Path) -> None:
    archive(tmp_path, 1, 1, rows_of(prompt_of()))
    day = next(tmp_path.glob("day=*/event=*"))
    (day / f"{2:020d}-{3:020d}.parquet{UNFINISHED}").write_bytes(b"PAR1")
    (day / "notes.txt").write_text("hello")
    (tmp_path / "_segments" / "README.json").write_text("{}")
    assert read(tmp_path, 1, 9) == [1]
    assert ArchiveFolder(tmp_path).recover() == 1
    assert {path.name for path in day.iterdir()} == {f"{1:020d}-{1:020d}.parquet", "notes.txt"}


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    rows = rows_of(prompt := prompt_of(), end_of(prompt))
    # The second kind's folder cannot be made.
    (tmp_path / f"day={rows[0].day}").mkdir()
    (tmp_path / f"day={rows[0].day}" / "event=ReplyFinished").write_text("in the way")
    with pytest.raises(OSError, match="ReplyFinished"):
        archive(tmp_path, 1, 2, rows)
    assert list(tmp_path.rglob("*.parquet*")) == []
    assert ArchiveFolder(tmp_path).ranges() == []
