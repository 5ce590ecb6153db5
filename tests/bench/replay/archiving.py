"""Time ``python -m analytics archive`` over a full log, from its start to the last segment."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from analytics.archive.folder import ArchiveFolder
from tests.analytics.consumer_process import ROOT
from tests.bench.replay.rates import Moment, Rate, memory_mb

_POLL_S = 0.05
_LONGEST_S = 600.0
# Nothing more comes after a silence of two segments.
_QUIET_S = 3.0


def archive_rate(nats_url: str, folder: Path) -> tuple[Rate, float]:
    """Return events a second between the first and the last segment, and its most memory in MB."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("RIVULET_")},
        "PYTHONPATH": str(ROOT),
        "RIVULET_NATS_URL": nats_url,
        "RIVULET_MONGO_URL": "mongodb://127.0.0.1:9",
        "RIVULET_ARCHIVE_DIR": str(folder),
        "RIVULET_ARCHIVE_EVERY_S": "1",
    }
    archive = ArchiveFolder(folder)
    process = subprocess.Popen([sys.executable, "-m", "analytics", "archive"], env=environment)
    try:
        return _watch(archive, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _watch(archive: ArchiveFolder, process: psutil.Process) -> tuple[Rate, float]:
    first: tuple[Moment, int] | None = None
    last = (Moment(0.0, 0.0), 0)
    most = 0.0
    deadline = time.monotonic() + _LONGEST_S
    while time.monotonic() < deadline:
        time.sleep(_POLL_S)
        most = max(most, memory_mb(process))
        ranges = archive.ranges()
        if not ranges:
            continue
        now = (Moment.of(process), ranges[-1][1])
        first = first or now
        if now[1] > last[1]:
            last = now
        elif now[0].at_s - last[0].at_s > _QUIET_S:
            break
    assert first is not None, "nothing was archived"
    assert last[1] > first[1], "one segment tells no rate: fill the log with more events"
    return first[0].rate(last[0], last[1] - first[1]), most
