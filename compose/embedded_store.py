"""The store that ``make up`` starts where ``RIVULET_MONGO_URL`` is unset."""

import shutil
from pathlib import Path

from compose.data_dir import DataDir
from compose.errors import StoreUnavailable
from compose.memory import Memory
from compose.ports import LOOPBACK, keep_or_choose

MONGOD = "mongod"
NX = "nx-27017"
_PID_FILE = "nx-27017.pid"


def prepare_store(data_dir: DataDir, memory: Memory) -> tuple[str, dict[str, str]]:
    """Choose the server and its port; return its URL and the Procfile's names for it."""
    memory.store = _choose(memory.store)
    memory.store_port = keep_or_choose(memory.store_port)
    names = {
        "STORE_PORT": str(memory.store_port),
        "STORE_DIR": str(data_dir.folder("store")),
        "STORE_PID_FILE": str(_pid_file(data_dir)),
    }
    return f"mongodb://{LOOPBACK}:{memory.store_port}", names


def forget_pid(data_dir: DataDir) -> None:
    """Remove the pid file that a killed nx-27017 leaves.

    With it the next one refuses to start while any process has that pid; ours is known to be gone.
    """
    _pid_file(data_dir).unlink(missing_ok=True)


def _choose(remembered: str | None) -> str:
    if remembered is None:
        return MONGOD if shutil.which(MONGOD) else NX
    if remembered == MONGOD and not shutil.which(MONGOD):
        raise StoreUnavailable(
            "This stack's data was written by mongod, which is not on the PATH any more. Install "
            "it, set RIVULET_MONGO_URL, or start empty with another RIVULET_DATA_DIR."
        )
    return remembered


def _pid_file(data_dir: DataDir) -> Path:
    return data_dir.path / _PID_FILE
