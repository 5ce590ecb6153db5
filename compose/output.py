"""Print what the processes of a stack say, each line under its process's name."""

import os
import sys
from typing import TextIO

# Cyan, yellow, magenta, green, blue, red: readable on dark and light terminals alike.
_COLOURS = ("36", "33", "35", "32", "34", "31")
_OWN_NAME = "rivulet"
# A longer line is broken: a child that prints without end must not fill our memory.
_MAX_LINE_BYTES = 64 * 1024


class Output:
    """The terminal, or whatever stdout is."""

    def __init__(self, names: list[str], stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._width = max(map(len, [_OWN_NAME, *names]))
        self._names = names
        self.coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        """Print a line of the supervisor's own."""
        self._write(self._prefix(_OWN_NAME, "1"), text)

    def relay(self, name: str, line: bytes) -> None:
        """Print one line of a process."""
        self._write(self._prefix(name, self._colour(name)), line.decode(errors="replace").rstrip())

    def plain(self, text: str) -> None:
        """Print text without a name before it, ready to be copied."""
        self._emit(text + "\n")

    def _colour(self, name: str) -> str:
        index = self._names.index(name) if name in self._names else len(_COLOURS) - 1
        return _COLOURS[index % len(_COLOURS)]

    def _prefix(self, name: str, colour: str) -> str:
        label = name.ljust(self._width) + " |"
        return f"\x1b[{colour}m{label}\x1b[0m" if self.coloured else label

    def _write(self, prefix: str, text: str) -> None:
        self._emit(f"{prefix} {text}\n")

    def _emit(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # Whoever read our output is gone. The stack must outlive `make up | head`.
            pass


class LineBuffer:
    """Cut the bytes of a pipe into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are whole now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MAX_LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        return lines

    def end(self) -> list[bytes]:
        """Return what came after the last line end."""
        return [self._rest] if self._rest else []
