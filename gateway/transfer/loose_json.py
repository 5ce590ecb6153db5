"""Read JSON of which any part may be broken, without losing the rest. Pure.

Values are taken as raw bytes first and typed one by one, so a wrong type costs its own field, and
what nobody asks for is never built in memory. Nothing here recurses.
"""

import codecs
import re
from typing import TypeVar

import msgspec
from msgspec import Raw

from gateway.errors import InvalidJson

Wanted = TypeVar("Wanted")

ABSENT = Raw(b"null")
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_PIECE_BYTES = 1 << 20


def loose(raw: Raw, wanted: type[Wanted]) -> Wanted | None:
    """Return the value if it is what is wanted."""
    try:
        return msgspec.json.decode(raw, type=wanted)
    except (msgspec.DecodeError, RecursionError):
        return None


def loose_time(raw: Raw, units_per_s: int, now_ms: int) -> int | None:
    """Return a time in milliseconds unless it is no number, before 1970 or in the future."""
    value = loose(raw, float)
    if value is None:
        return None
    # Before it is rounded: it may be too large for that.
    at_ms = value * 1_000 / units_per_s
    return round(at_ms) if 1 <= at_ms <= now_ms else None


def checked_text(body: bytes) -> bytes:
    """Return the body if it is UTF-8, with each lone half of a surrogate pair replaced by U+FFFD.

    Raises ``InvalidJson``.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        for start in range(0, len(body), _PIECE_BYTES):
            decoder.decode(body[start : start + _PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InvalidJson("The file is not UTF-8; send it as it was exported.") from error
    return _ESCAPE.sub(_mended, body) if _has_halves(body) else body


def _has_halves(body: bytes) -> bool:
    """Tell whether there may be any: most files have none, and are left alone."""
    return _HALF.search(body) is not None


def _mended(escape: re.Match[bytes]) -> bytes:
    return escape[0] if escape["half"] is None else b"\\ufffd"
