"""The columns of the archive's Parquet files, the same for every kind of event."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import pyarrow as pa

from analytics.archive.rows import Code, Durations, Row, Tokens

_TIME = pa.timestamp("ms", tz="UTC")
_NO_TOKENS, _NO_DURATIONS, _NO_CODE = Tokens(), Durations(), Code()

# What few values repeat in; a dictionary of the others would be as large as they are.
REPEATING = [
    *("subject", "user_id", "model", "kind", "client", "status", "finish_reason", "error_code"),
    "worker",
]
# Readers skip what cannot match by the least and greatest values of these.
RANGED = ["seq", "stored_at", "user_id", "conversation_id", "reply_id", "model"]

# Each column, and the attribute of the message, its summary or a part of that which it holds.
_COLUMNS: tuple[tuple[str, pa.DataType, str, str], ...] = (
    ("seq", pa.int64(), "message", "sequence"),
    ("stored_at", _TIME, "message", "stored_at_ms"),
    ("subject", pa.string(), "message", "subject"),
    *(
        (name, pa.string(), "summary", name)
        for name in ("user_id", "conversation_id", "reply_id", "model", "kind", "client")
    ),
    *((name, pa.string(), "summary", name) for name in ("status", "finish_reason", "worker")),
    ("error_code", pa.string(), "error", "code"),
    *((name, pa.int64(), "summary", name) for name in ("version", "attempts")),
    *((name, pa.int64(), "usage", name) for name in Tokens.__struct_fields__),
    *((name, pa.int64(), "timings", name) for name in Durations.__struct_fields__),
    ("submitted_at", _TIME, "summary", "submitted_at_ms"),
    ("finished_at", _TIME, "summary", "finished_at_ms"),
    # Binary: whatever was published, also what is no text at all.
    ("payload", pa.binary(), "message", "payload"),
)
SCHEMA = pa.schema([(name, kind) for name, kind, _, _ in _COLUMNS])


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows as a table."""
    summaries = [row.summary for row in rows]
    sources: dict[str, list[Any]] = {
        "message": [row.message for row in rows],
        "summary": summaries,
        "usage": [summary.usage or _NO_TOKENS for summary in summaries],
        "timings": [summary.timings or _NO_DURATIONS for summary in summaries],
        "error": [summary.error or _NO_CODE for summary in summaries],
    }
    arrays = [
        pa.array(list(map(attrgetter(attribute), sources[source])), kind)
        for _, kind, source, attribute in _COLUMNS
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
