"""The columns of the archive's Parquet files, the same for every kind of event."""

from collections.abc import Callable, Sequence
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

_COLUMNS: tuple[tuple[str, pa.DataType, Callable[[Row], Any]], ...] = (
    ("seq", pa.int64(), lambda row: row.message.sequence),
    ("stored_at", _TIME, lambda row: row.message.stored_at_ms),
    ("subject", pa.string(), lambda row: row.message.subject),
    ("version", pa.int64(), lambda row: row.summary.version),
    ("user_id", pa.string(), lambda row: row.summary.user_id),
    ("conversation_id", pa.string(), lambda row: row.summary.conversation_id),
    ("reply_id", pa.string(), lambda row: row.summary.reply_id),
    ("model", pa.string(), lambda row: row.summary.model),
    ("kind", pa.string(), lambda row: row.summary.kind),
    ("client", pa.string(), lambda row: row.summary.client),
    ("status", pa.string(), lambda row: row.summary.status),
    ("finish_reason", pa.string(), lambda row: row.summary.finish_reason),
    ("error_code", pa.string(), lambda row: (row.summary.error or _NO_CODE).code),
    ("worker", pa.string(), lambda row: row.summary.worker),
    ("attempts", pa.int64(), lambda row: row.summary.attempts),
    ("prompt_tokens", pa.int64(), lambda row: (row.summary.usage or _NO_TOKENS).prompt_tokens),
    ("cached_tokens", pa.int64(), lambda row: (row.summary.usage or _NO_TOKENS).cached_tokens),
    (
        "completion_tokens",
        pa.int64(),
        lambda row: (row.summary.usage or _NO_TOKENS).completion_tokens,
    ),
    ("queue_ms", pa.int64(), lambda row: (row.summary.timings or _NO_DURATIONS).queue_ms),
    (
        "first_token_ms",
        pa.int64(),
        lambda row: (row.summary.timings or _NO_DURATIONS).first_token_ms,
    ),
    ("total_ms", pa.int64(), lambda row: (row.summary.timings or _NO_DURATIONS).total_ms),
    ("submitted_at", _TIME, lambda row: row.summary.submitted_at_ms),
    ("finished_at", _TIME, lambda row: row.summary.finished_at_ms),
    # Binary: whatever was published, also what is no text at all.
    ("payload", pa.binary(), lambda row: row.message.payload),
)
SCHEMA = pa.schema([(name, kind) for name, kind, _ in _COLUMNS])


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows as a table."""
    arrays = [pa.array([value(row) for row in rows], kind) for _, kind, value in _COLUMNS]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
