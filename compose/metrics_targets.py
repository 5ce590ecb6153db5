"""Tell Prometheus where this stack's processes answer, as files that it watches.

Their form is that of file-based discovery
(https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config).
"""

from collections.abc import Mapping

import msgspec

from compose.data_dir import DataDir, write_private
from compose.ports import LOOPBACK

_FOLDER = "metrics"


def write_targets(data_dir: DataDir, ports: Mapping[str, str]) -> None:
    """Write the ports of the stack's services; those of an earlier start are forgotten."""
    folder = data_dir.folder(_FOLDER)
    for path in folder.glob("*.json"):
        path.unlink()
    _write(data_dir, "stack", ports)


def add_worker(data_dir: DataDir, pid: int, port: int) -> None:
    """Add one more worker."""
    _write(data_dir, f"worker-{pid}", {"worker": str(port)})


def _write(data_dir: DataDir, name: str, ports: Mapping[str, str]) -> None:
    groups = [
        {"targets": [f"{LOOPBACK}:{port}"], "labels": {"service": service}}
        for service, port in ports.items()
    ]
    text = msgspec.json.format(msgspec.json.encode(groups)).decode()
    write_private(data_dir.folder(_FOLDER) / f"{name}.json", text)
