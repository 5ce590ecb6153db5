"""Merge what several gateway processes count; they share their values in files."""

import shutil
from pathlib import Path

from prometheus_client import CollectorRegistry, multiprocess

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_DIRECTORY = "gateway-metrics"


def clear_directory(data_dir: Path) -> Path:
    """Return the empty folder in which processes share their values."""
    path = data_dir / _DIRECTORY
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700, parents=True)
    return path


def merged_registry(directory: Path) -> CollectorRegistry:
    """Return a registry of what all processes have counted."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, str(directory))  # type: ignore[no-untyped-call]
    return registry


def forget_process(directory: Path, pid: int) -> None:
    """Take a dead process out of the gauges; its counters stay."""
    multiprocess.mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]
