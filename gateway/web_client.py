"""The built web client: which file answers a path, and with which headers.

A path that no route takes is looked up among the built files; what a browser navigates to beside
them is one of the client's own pages, which are all ``index.html``. Nothing under the API's
prefixes is a page, so that a misspelt call is refused as JSON.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from gateway.web_policy import page_headers

DIST: Final = Path(__file__).resolve().parent.parent / "clients" / "web" / "dist"
INDEX: Final = "index.html"
# Paths below these are never pages.
_RESERVED: Final = frozenset(("api", "v1", "ws", "docs", "assets", "metrics"))
# Their names hold a digest of what is in them.
_HASHED: Final = "assets/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"
# The smaller one first; the build writes them beside each file that they make smaller.
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_TEXTS: Final = ("text/", "application/json", "application/manifest")
# Of these, what machines have in their tables differs.
_TYPES: Final = {
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_NOT_BUILT: Final = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Rivulet</title>
<h1>The web client is not built</h1>
<p>Stop Rivulet and start it with <code>make up</code>, which builds it.
The API is there all the same: <a href="/docs">/docs</a>.</p>
</html>
"""


@dataclass(frozen=True)
class WebAnswer:
    """What a browser gets for a path."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _File:
    """One built file; its bytes are read when somebody first asks for them."""

    name: str
    path: Path

    @cached_property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'

    @cached_property
    def content_type(self) -> str:
        suffix = self.path.suffix
        kind = _TYPES.get(suffix) or mimetypes.types_map.get(suffix)
        if kind is None:
            return "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith(_TEXTS) else kind

    @cached_property
    def variants(self) -> Mapping[str, Path]:
        """The precompressed files by their encoding."""
        found = ((name, Path(f"{self.path}{suffix}")) for name, suffix in _ENCODINGS)
        return {name: path for name, path in found if path.is_file()}


class WebClient:
    """Answers from one folder of built files, as it was when the process started."""

    def __init__(self, folder: Path = DIST) -> None:
        self._files = {file.name: file for file in _files(folder)}
        self._compressed: dict[Path, bytes] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> WebAnswer | None:
        """Return the answer to a request that no route takes; ``None`` if it is not for us."""
        if method not in ("GET", "HEAD"):
            return None
        name = path.lstrip("/")
        file = self._files.get(name)
        if file is not None:
            return self._file(file, headers)
        if not _is_page(name, headers):
            return None
        index = self._files.get(INDEX)
        return _not_built() if index is None else self._file(index, headers)

    def _file(self, file: _File, headers: Mapping[str, str]) -> WebAnswer:
        hashed = file.name.startswith(_HASHED)
        answer_headers = {
            "Cache-Control": _FOR_EVER if hashed else _ASK_FIRST,
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
            **page_headers(),
        }
        if file.tag in headers.get("if-none-match", ""):
            return WebAnswer(304, b"", file.content_type, answer_headers)
        encoding = _accepted(headers.get("accept-encoding", ""), file.variants)
        if encoding is None:
            return WebAnswer(200, file.body, file.content_type, answer_headers)
        answer_headers["Content-Encoding"] = encoding
        body = self._variant(file.variants[encoding])
        return WebAnswer(200, body, file.content_type, answer_headers)

    def _variant(self, path: Path) -> bytes:
        body = self._compressed.get(path)
        if body is None:
            body = self._compressed[path] = path.read_bytes()
        return body


def _files(folder: Path) -> list[_File]:
    if not (folder / INDEX).is_file():
        return []
    suffixes = tuple(suffix for _, suffix in _ENCODINGS)
    paths = (path for path in folder.rglob("*") if path.is_file())
    return [
        _File(path.relative_to(folder).as_posix(), path)
        for path in paths
        if not path.name.endswith(suffixes)
    ]


def _is_page(name: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a browser navigates here: what scripts fetch does not ask for HTML."""
    if name.split("/")[0] in _RESERVED:
        return False
    return name == "" or "text/html" in headers.get("accept", "")


def _accepted(header: str, variants: Mapping[str, Path]) -> str | None:
    """Return the best of the encodings that there are and the client takes."""
    offered = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        offered[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0")
    return next((name for name in variants if offered.get(name)), None)


def _not_built() -> WebAnswer:
    headers = {"Cache-Control": "no-store", **page_headers()}
    return WebAnswer(503, _NOT_BUILT, "text/html; charset=utf-8", headers)
