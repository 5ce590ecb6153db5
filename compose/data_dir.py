"""The folder that holds one stack's data, and the lock that makes it one stack's only."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from compose.errors import StackRuns
from schemas.settings import DEFAULT_DATA_DIR, PREFIX, STACK_FILE

API_KEY_FILE = "dev-api-key"
ADMIN_CODE_FILE = "admin-code"
_LOCK_FILE = "stack.lock"


class DataDir:
    """Paths below the data dir; everything in it is for its owner's eyes only."""

    def __init__(self, path: Path) -> None:
        # As given, for messages and for the printed curl; absolute for the processes.
        self.given = path
        self.path = path.absolute()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "DataDir":
        """Return the data dir that the environment names."""
        return cls(Path(environment.get(PREFIX + "DATA_DIR") or DEFAULT_DATA_DIR))

    @property
    def stack_file(self) -> Path:
        """``stack.env``: where the parts of the running stack are. Gone when it has stopped."""
        return self.path / STACK_FILE

    @property
    def api_key_file(self) -> Path:
        """The key of the user ``dev``, as a person would type the path."""
        return self.given / API_KEY_FILE

    def api_key(self) -> str:
        """Return that key; empty where the Procfile has no step that makes one."""
        return self.api_key_file.read_text().strip() if self.api_key_file.exists() else ""

    def admin_code(self) -> str:
        """Return the code with which the first admin registers; empty once there is one."""
        path = self.given / ADMIN_CODE_FILE
        return path.read_text().strip() if path.exists() else ""

    def folder(self, name: str) -> Path:
        """Make and return a folder below the data dir."""
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the data dir for one stack; raises ``StackRuns`` when another holds it.

        The kernel drops the lock with its holder, however that dies: a stale one cannot exist.
        The pid in the file is for ``make down``.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        with (self.path / _LOCK_FILE).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackRuns(
                    f"A stack already runs in {self.given} (process {self.holder()}). Stop it with "
                    "`make down`, or give this one a folder and a port of its own: "
                    "RIVULET_DATA_DIR=.rivulet2 RIVULET_PORT=8001 make up"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def holder(self) -> int | None:
        """Return the pid of the supervisor that holds the data dir, if one does."""
        path = self.path / _LOCK_FILE
        if not path.exists():
            return None
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
            return None


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only: readers see the old text or the new."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
