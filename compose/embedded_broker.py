"""The broker that ``make up`` starts where ``RIVULET_NATS_URL`` is unset."""

from pathlib import Path

from compose.data_dir import DataDir, write_private
from compose.memory import Memory
from compose.ports import LOOPBACK, keep_or_choose

# Loopback and a token: a browser page or another user of the machine cannot speak to it.
# max_payload: a chat body of 4 MB, and again as much for ids and escaping.
# max_buffered_msgs: past it the broker drops published frames without telling anybody, so ten
# times the default; max_buffered_size still bounds the memory.
# write_deadline: a reader that stays blocked for this long is cut off and catches up by itself.
_CONFIG = """\
# Written by `make up` at each start.
listen: {host}:{port}
server_name: rivulet
authorization {{ token: "{token}" }}
max_payload: 8MB
write_deadline: "5s"
jetstream {{
  store_dir: {folder}
  max_buffered_msgs: 100000
  max_buffered_size: 128MB
}}
"""


def prepare_broker(data_dir: DataDir, memory: Memory) -> tuple[str, Path]:
    """Write the broker's configuration; return its URL and the file."""
    memory.broker_port = keep_or_choose(memory.broker_port)
    config = data_dir.path / "nats-server.conf"
    text = _CONFIG.format(
        host=LOOPBACK,
        port=memory.broker_port,
        token=memory.broker_token,
        folder=_quoted(data_dir.folder("broker")),
    )
    write_private(config, text)
    return f"nats://{memory.broker_token}@{LOOPBACK}:{memory.broker_port}", config


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
