"""Where the lines of a process go: the terminal for ours, a file for broker and store."""

from collections import deque
from pathlib import Path
from typing import Protocol

from compose.output import Output

_MAX_FILE_BYTES = 8 * 1024 * 1024
_SHOWN_AT_DEATH = 15


class Sink(Protocol):
    """Takes the lines of one process."""

    def line(self, line: bytes) -> None:
        """Take one line."""

    def explain(self) -> None:
        """Show why the process may have died or does not answer."""


class Shown:
    """Prints every line under the name of its process."""

    def __init__(self, name: str, output: Output) -> None:
        self._name = name
        self._output = output

    def line(self, line: bytes) -> None:
        """Print the line."""
        self._output.relay(self._name, line)

    def explain(self) -> None:
        """Do nothing: all of it is on the terminal already."""


class Filed:
    """Keeps the lines in a file and shows the last ones when the process is in trouble.

    The embedded servers say much that no user of the stack can act on. The file has a limit:
    past it, it becomes ``*.1`` and a new one begins.
    """

    def __init__(self, name: str, output: Output, path: Path) -> None:
        self._name = name
        self._output = output
        self._path = path
        self._file = path.open("ab", buffering=0)
        self._last: deque[bytes] = deque(maxlen=_SHOWN_AT_DEATH)

    def line(self, line: bytes) -> None:
        """Write the line to the file."""
        self._last.append(line)
        self._file.write(line + b"\n")
        if self._file.tell() > _MAX_FILE_BYTES:
            self._file.close()
            self._path.replace(self._path.with_suffix(".log.1"))
            self._file = self._path.open("ab", buffering=0)

    def explain(self) -> None:
        """Print the last lines, once."""
        for line in self._last:
            self._output.relay(self._name, line)
        self._last.clear()
