"""Note which processes a supervisor has started, and end those that outlive one killed with -9.

Each child leads a process group of its own, so a group is a child with everything that it started.
"""

import contextlib
import os
import signal
from pathlib import Path

import msgspec
import psutil

from compose.data_dir import DataDir, write_private
from schemas.settings import PREFIX

_FILE = "children.json"
# The leash asked them to stop when the supervisor died; this is for those that did not listen.
_GRACE_S = 5.0


class ChildGroups:
    """The process groups of the running children, noted in the data dir."""

    def __init__(self, data_dir: DataDir) -> None:
        self._path = _path(data_dir)
        self._groups: set[int] = set()

    def add(self, group: int) -> None:
        """Note a group that was started."""
        self._groups.add(group)
        self._note()

    def remove(self, group: int) -> None:
        """Forget a group that has ended."""
        self._groups.discard(group)
        self._note()

    def _note(self) -> None:
        write_private(self._path, msgspec.json.encode(sorted(self._groups)).decode())


def end_orphans(data_dir: DataDir) -> int:
    """End what a killed supervisor of this data dir has left; return how many processes."""
    path = _path(data_dir)
    if not path.exists():
        return 0
    groups = set(msgspec.json.decode(path.read_bytes(), type=list[int]))
    orphans = [process for process in psutil.process_iter() if _is_ours(process, groups, data_dir)]
    for process in orphans:
        _send(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(orphans, timeout=_GRACE_S)
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=_GRACE_S)
    path.unlink()
    return len(orphans)


def _is_ours(process: psutil.Process, groups: set[int], data_dir: DataDir) -> bool:
    """Tell whether it is in a noted group and was started for this data dir.

    Both, because group numbers come round again, and a `make worker` on the same data dir belongs
    to its terminal.
    """
    try:
        return os.getpgid(process.pid) in groups and process.environ().get(
            PREFIX + "DATA_DIR"
        ) == str(data_dir.path)
    except (psutil.Error, ProcessLookupError):
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _path(data_dir: DataDir) -> Path:
    return data_dir.path / _FILE
