"""The instance's secret, which binds reply ids to their owners."""

import os
import secrets
from pathlib import Path

_FILE = "secret"
_BYTES = 32


def instance_secret(configured: str | None, data_dir: Path) -> bytes:
    """Return ``RIVULET_SECRET``, or what the data dir holds; the first process makes it."""
    if configured is not None:
        return configured.encode()
    path = data_dir / _FILE
    if not path.exists():
        write_private(path, secrets.token_hex(_BYTES), replace=False)
    return path.read_text().strip().encode()


def write_private(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that only its owner reads: whole or not at all, also if several race.

    Without ``replace`` the first one wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
