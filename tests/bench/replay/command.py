"""Watch the memory of ``python -m analytics replay`` over a whole log."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.analytics.consumer_process import ROOT
from tests.bench.replay.rates import memory_mb

_POLL_S = 0.05


def replay_memory(nats_url: str, store_url: str, folder: Path) -> float:
    """Return the most memory, in MB, that a replay of the usage took."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("RIVULET_")},
        "PYTHONPATH": str(ROOT),
        "RIVULET_DATA_DIR": str(folder),
        "RIVULET_NATS_URL": nats_url,
        "RIVULET_MONGO_URL": store_url,
    }
    command = [sys.executable, "-m", "analytics", "replay", "--projection", "usage"]
    most = 0.0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, memory_mb(watched))
            time.sleep(_POLL_S)
    assert process.returncode == 0, "the replay failed"
    return most
