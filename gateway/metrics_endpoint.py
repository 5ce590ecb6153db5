"""Serve ``/metrics`` on a loopback port of its own; several processes are merged there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, multiprocess, start_http_server

from gateway.errors import MetricsPortTaken

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_DIRECTORY = "gateway-metrics"


@contextmanager
def served(registry: CollectorRegistry, port: int | None) -> Iterator[None]:
    """Serve the registry while the block runs; no port, no endpoint."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise MetricsPortTaken(
            f"RIVULET_METRICS_PORT={port} cannot be used ({error.strerror}): "
            "choose another port or unset it"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
