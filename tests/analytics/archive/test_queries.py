"""The queries in ``docs/analytics.md`` run as they stand, and count right."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.archive.folder import ArchiveFolder
from analytics.archive.rows import Message, row_of
from analytics.archive.writing import write_segment
from schemas.events import ConversationDeleted, Event, Failure, UserErased, encode_event
from tests.analytics.consumer_process import ROOT
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of

QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/analytics.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    prompts = [prompt_of() for _ in range(4)]
    ends = [end_of(prompt) for prompt in prompts]
    failed = end_of(prompts[0], status="failed", error=Failure("poison", "it kills"))
    same = prompts[2]
    events: list[Event] = [
        *prompts,
        *ends[1:],
        # Twice, and later ended once more.
        ends[1],
        end_of(prompts[1], finished_at_ms=SUBMITTED_AT_MS + 9_000),
        failed,
        UserErased(user_id=prompts[3].user_id, at_ms=1),
        ConversationDeleted(
            conversation_id=str(same.conversation_id), user_id=same.user_id, at_ms=1
        ),
    ]
    messages = [
        Message(sequence, SUBMITTED_AT_MS, "chat.u.x", encode_event(event))
        for sequence, event in enumerate(events, 1)
    ]
    rows = [row for message in messages if (row := row_of(message)) is not None]
    write_segment(ArchiveFolder(folder), 1, len(events), "now", rows)
    return folder


def answer(archive: Path, number: int) -> list[tuple[Any, ...]]:
    query = QUERIES[number].replace("'archive/", f"'{archive}/")
    assert query != QUERIES[number]
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def test_each_query_gives_what_it_says(archive: Path) -> None:
    assert len(QUERIES) == 4
    [(day, model, replies, tokens, p50, p99)] = answer(archive, 0)
    assert (str(day), model, replies, tokens) == ("2026-09-21", "rivulet-demo", 4, 24)
    assert (p50, p99) == (15, 15)
    [(code, count, _)] = answer(archive, 1)
    assert (code, count) == ("poison", 1)
    assert answer(archive, 2) == [("rivulet-demo", 30.0)]
    [(_, prompts)] = answer(archive, 3)
    assert prompts == 2


def test_the_files_are_what_other_engines_read(archive: Path) -> None:
    for path in archive.glob("day=*/event=*/*.parquet"):
        metadata = pq.ParquetFile(path).metadata
        columns = [metadata.row_group(0).column(n) for n in range(metadata.num_columns)]
        assert {column.compression for column in columns} == {"ZSTD"}
        assert not any(pa.types.is_nested(field.type) for field in pq.read_schema(path))
