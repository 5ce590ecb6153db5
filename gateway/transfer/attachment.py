"""Name the file that a browser saves. Pure."""

import re
import unicodedata
from urllib.parse import quote

_MAX_CHARACTERS = 60
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
# What RFC 5987 allows beside letters and digits.
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"


def disposition(title: str, suffix: str) -> dict[str, str]:
    """Return the header that makes a download of ``title``; ``suffix`` is ``json`` or ``md``."""
    plain = f"{_plain(title) or 'conversation'}.{suffix}"
    full = quote(f"{_readable(title) or 'conversation'}.{suffix}", safe=_ATTRIBUTE_CHARACTERS)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"}


def _plain(title: str) -> str:
    """Return what of the title is ASCII, with ``-`` for the rest."""
    letters = unicodedata.normalize("NFKD", title[: 4 * _MAX_CHARACTERS]).encode("ascii", "ignore")
    return _NOT_PLAIN.sub("-", letters.decode())[:_MAX_CHARACTERS].strip("-_")


def _readable(title: str) -> str:
    """Return the title without what no file's name may hold, not hidden and not a path."""
    clean = _NOT_IN_NAMES.sub(" ", title[: 4 * _MAX_CHARACTERS])
    storable = clean.encode("utf-8", "replace").decode()
    return " ".join(storable.split())[:_MAX_CHARACTERS].strip(". ")
