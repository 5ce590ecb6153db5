"""What a stack remembers between two starts: ports, the broker's token, which store has its data.

Kept apart from ``stack.env``, which says where the parts of the running stack are.
"""

import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from compose.data_dir import DataDir, write_private

_FILE = "stack.json"


class Memory(Struct, kw_only=True, omit_defaults=True):
    """Facts of the last start; ``None`` where none was made yet."""

    broker_token: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    broker_port: int | None = None
    store_port: int | None = None
    metrics_port: int | None = None
    analytics_metrics_port: int | None = None
    worker_metrics_port: int | None = None
    # The server whose files are in the data dir: another one would start empty.
    store: str | None = None


def recall(data_dir: DataDir) -> Memory:
    """Return what the last start noted, or a blank memory."""
    path = _path(data_dir)
    return msgspec.json.decode(path.read_bytes(), type=Memory) if path.exists() else Memory()


def remember(data_dir: DataDir, memory: Memory) -> None:
    """Note the facts for the next start."""
    write_private(_path(data_dir), msgspec.json.format(msgspec.json.encode(memory)).decode())


def _path(data_dir: DataDir) -> Path:
    return data_dir.path / _FILE
