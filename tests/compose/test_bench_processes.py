"""What the bench starts does not outlive it."""

import subprocess
import sys
from pathlib import Path

import psutil

from tests.compose.waiting import wait_until

_BENCH = """
import sys
from pathlib import Path
from tests.bench.servers import process
with process(["sleep", "300"], {}, Path(sys.argv[1])) as running:
    print(running.pid, flush=True)
    input()
"""


def test_what_it_started_ends_with_it_even_when_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _BENCH, str(tmp_path / "log")]
    bench = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert bench.stdout is not None
    started = int(bench.stdout.readline())
    bench.kill()
    bench.communicate()
    wait_until(lambda: not _runs(started), "what the bench started to end")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
