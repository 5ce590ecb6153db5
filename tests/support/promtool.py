"""Find promtool, or unpack it from Debian's package; nothing is installed or started."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from compose.install import apt_get, can_install

_TIMEOUT_S = 300
_ADVICE = (
    "promtool is needed to check compose/prometheus. Put it on the PATH, or on Debian run the "
    "tests as root, or `apt-get update` once as root, so that this test can download the package "
    "`prometheus` and unpack promtool from it"
)


class NoPromtool(Exception):
    """promtool is neither there nor to be had."""


def promtool() -> str:
    """Return the path of promtool; raises ``NoPromtool`` with what to do."""
    found = shutil.which("promtool")
    if found is not None:
        return found
    kept = Path(sys.prefix) / "share" / "promtool"
    if not kept.exists():
        _unpack(kept)
    return str(kept)


def _unpack(kept: Path) -> None:
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise NoPromtool(f"{_ADVICE} ({program} is missing here).")
    with tempfile.TemporaryDirectory(prefix="promtool-") as name:
        folder = Path(name)
        if can_install():
            # A fresh container knows of no packages.
            apt_get("update")
        _run(folder, "apt-get", "download", "prometheus")
        package = next(folder.glob("prometheus_*.deb"))
        _run(folder, "dpkg-deb", "--extract", package.name, "unpacked")
        kept.parent.mkdir(parents=True, exist_ok=True)
        # At once: tests that run beside this one see it whole or not at all.
        draft = kept.with_name(f"{kept.name}.new")
        shutil.copy2(folder / "unpacked" / "usr" / "bin" / "promtool", draft)
        draft.replace(kept)


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise NoPromtool(f"{_ADVICE}; {command[0]} said: {done.stderr.strip()[-300:]}")
