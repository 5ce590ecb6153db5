"""Read a Procfile: ``name: command`` lines with ``$NAMES`` to fill in."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import NamedTuple

from compose.errors import BadProcfile

DEFAULT_PROCFILE = Path(__file__).with_name("Procfile")
_LINE = re.compile(
    r"(?P<role>[A-Za-z0-9_-]+)(?:\.(?P<variant>[A-Za-z0-9_-]+))?:\s*(?P<command>\S.*)"
)
_INFRASTRUCTURE = ("broker", "store")
_RELEASE = "release"


class Entry(NamedTuple):
    """One line. ``variant`` tells lines of one role apart: which store, which release step."""

    role: str
    variant: str | None
    command: str

    @property
    def is_service(self) -> bool:
        """Tell whether it is one of ours: neither broker nor store nor a release step."""
        return self.role not in (*_INFRASTRUCTURE, _RELEASE)

    @property
    def is_release(self) -> bool:
        """Tell whether it runs once, before the services."""
        return self.role == _RELEASE

    def arguments(self, names: Mapping[str, str]) -> list[str]:
        """Return the command's words; a filled-in path may hold spaces."""
        try:
            return [Template(word).substitute(names) for word in shlex.split(self.command)]
        except (KeyError, ValueError) as error:
            raise BadProcfile(f"Procfile, {self.role}: cannot fill in {error}") from error


def read_procfile(path: Path) -> list[Entry]:
    """Return the lines of a Procfile in order; raises ``BadProcfile`` naming the line."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise BadProcfile(f"Cannot read the Procfile {path}: {error.strerror}") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise BadProcfile(f"{path}, line {number}: expected `name: command`, found {line!r}")
        entries.append(Entry(match["role"], match["variant"], match["command"]))
    return entries
