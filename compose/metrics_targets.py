"""Tell Prometheus where this stack's processes answer, as files that it watches.

Their form is that of file-based discovery
(https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from compose.data_dir import DataDir, write_private
from compose.ports import LOOPBACK

# The setting, without its prefix, that names the port of each service.
SERVICES = {
    "gateway": "METRICS_PORT",
    "analytics": "ANALYTICS_METRICS_PORT",
    "worker": "WORKER_METRICS_PORT",
}
_FOLDER = "metrics"


def write_targets(data_dir: DataDir, ports: Mapping[str, str]) -> None:
    """Write the ports of the stack's services; those of an earlier start are forgotten."""
    folder = data_dir.folder(_FOLDER)
    for path in folder.glob("*.json"):
        path.unlink()
    _write(data_dir, "stack", ports)


@contextmanager
def listed(data_dir: DataDir, service: str, port: int) -> Iterator[None]:
    """Name one more process of a service while the block runs."""
    path = _write(data_dir, f"{service}-{os.getpid()}", {service: str(port)})
    try:
        yield
    finally:
        # A start of the stack forgets all of them.
        path.unlink(missing_ok=True)


def _write(data_dir: DataDir, name: str, ports: Mapping[str, str]) -> Path:
    groups = [
        {"targets": [f"{LOOPBACK}:{port}"], "labels": {"service": service}}
        for service, port in ports.items()
    ]
    text = msgspec.json.format(msgspec.json.encode(groups)).decode()
    path = data_dir.folder(_FOLDER) / f"{name}.json"
    write_private(path, text)
    return path
