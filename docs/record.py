"""Record a command as an animated SVG: what it printed, when it printed it.

    python docs/record.py docs/demo.svg make demo

The times are the real ones, except that a pause of over 8 seconds is cut to 1. A viewer that
animates nothing (or a reader who asked for less motion) sees the whole text.
"""

import html
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_COLUMNS = 96
_COLUMN_PX, _LINE_PX, _MARGIN_PX = 8.43, 20, 18
_LONGEST_PAUSE_S, _CUT_TO_S = 8.0, 1.0
_RED, _PLAIN = "\x1b[1;31m", "\x1b[0m"
_PART = re.compile(r"\x1b\[[0-9;]*m|\n|[^\S\n]+|[^\s\x1b]+")
_STYLE = """
    svg { background: #14161b }
    text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #dfe3ea; white-space: pre }
    .red { fill: #ff6b6b; font-weight: bold }
    tspan { animation: show 1ms both }
    @keyframes show { from { fill-opacity: 0 } to { fill-opacity: 1 } }
    @media (prefers-reduced-motion: reduce) { tspan { animation: none } }
"""


class Piece(NamedTuple):
    """Text at one place of the screen from one moment on."""

    at_s: float
    line: int
    column: int
    text: str
    red: bool


def record(command: list[str]) -> Iterator[tuple[float, str]]:
    """Run the command, pass its output on, and yield it with seconds since its start."""
    yield 0.0, f"$ {' '.join(command)}\n"
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - as asked
        output = process.stdout
        if output is None:
            raise RuntimeError("the command has no output")
        shown_s, last = 0.0, time.monotonic()
        while chunk := output.read1(4096):  # type: ignore[attr-defined]
            now = time.monotonic()
            shown_s += now - last if now - last < _LONGEST_PAUSE_S else _CUT_TO_S
            last = now
            sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
            yield shown_s, chunk.decode(errors="replace")
    if process.returncode:
        sys.exit(f"{command[0]} failed with {process.returncode}")


def lay_out(chunks: Iterable[tuple[float, str]]) -> list[Piece]:
    """Break the output into lines of the screen, between words."""
    pieces: list[Piece] = []
    line = column = 0
    red = False
    for at_s, chunk in chunks:
        for part in _PART.findall(chunk):
            if part in (_RED, _PLAIN):
                red = part == _RED
            elif part == "\n":
                line, column = line + 1, 0
            else:
                if column + len(part) > _COLUMNS:
                    line, column = line + 1, 0
                    part = part.lstrip()
                pieces.append(Piece(at_s, line, column, part, red))
                column += len(part)
    return pieces


def draw(pieces: list[Piece]) -> str:
    """Return the SVG."""
    height = (pieces[-1].line + 1) * _LINE_PX + 2 * _MARGIN_PX
    width = round(_COLUMNS * _COLUMN_PX) + 2 * _MARGIN_PX
    body = "\n".join(map(_span, _joined(pieces)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">\n<title>A terminal session</title>\n'
        f"<style>{_STYLE}</style>\n<text>\n{body}\n</text>\n</svg>\n"
    )


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Join what came together and stands together."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and (last.at_s, last.line, last.red) == (piece.at_s, piece.line, piece.red):
            joined[-1] = last._replace(text=last.text + piece.text)
        else:
            joined.append(piece)
    return joined


def _span(piece: Piece) -> str:
    x = _MARGIN_PX + piece.column * _COLUMN_PX
    y = _MARGIN_PX + (piece.line + 1) * _LINE_PX - 6
    style = ' class="red"' if piece.red else ""
    delay = f"animation-delay:{piece.at_s:.2f}s"
    return f'<tspan x="{x:.1f}" y="{y}"{style} style="{delay}">{html.escape(piece.text)}</tspan>'


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python docs/record.py FILE.svg COMMAND ...")
    Path(sys.argv[1]).write_text(draw(lay_out(record(sys.argv[2:]))))
