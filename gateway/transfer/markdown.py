"""Write one branch of a conversation as Markdown. Pure.

Every message begins with a line ``<!-- message 1: user -->`` and a heading. Its content stands
below as it is. Content that could be taken for more than one message, or that would swallow what
follows it (its own headings, a fence that is not closed, HTML), stands in a fence that is longer
than any in it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.history import StoredMessage

_NAMES = {"user": "User", "assistant": "Assistant", "system": "System"}
_ENDED_WELL = ("sent", "completed")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>()#+.!|~&$^=-])")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_TILDES = re.compile(r"~+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
# Outside of code: a heading, its underline or a rule, HTML, and the beginning of a comment.
_TAKEN_FOR_MORE = re.compile(r" {0,3}(#{1,6}([ \t]|$)|=+[ \t]*$|-+[ \t]*$|<[A-Za-z/!?])")
_BOUNDARY = re.compile(r"\s*<!--")
_SHORTEST_FENCE = 3


def markdown_of(title: str, system: str, branch: Iterable[StoredMessage]) -> str:
    """Return the document; ``branch`` is in reading order."""
    parts = [f"# {_as_text(title) or 'Conversation'}\n"]
    if system:
        parts.append(_section("<!-- system -->", _NAMES["system"], system))
    for number, message in enumerate(branch, 1):
        mark = f"<!-- message {number}: {message.role}{_time(message.created_at_ms)} -->"
        parts.append(_section(mark, _heading(message), message.content))
    return "\n".join(parts)


def _section(mark: str, heading: str, content: str) -> str:
    return f"{mark}\n## {heading}\n\n{_kept_apart(content)}\n"


def _heading(message: StoredMessage) -> str:
    model = f" ({_as_text(message.model)})" if message.role == "assistant" and message.model else ""
    status = "" if message.status in _ENDED_WELL else f", {message.status}"
    return f"{_NAMES[message.role]}{model}{status}"


def _time(at_ms: int) -> str:
    try:
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return f", {at:%Y-%m-%d %H:%M:%S} UTC"


def _as_text(text: str) -> str:
    """Return text in one line of which nothing is markup."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def _kept_apart(content: str) -> str:
    if not _needs_fence(content):
        return content
    longest = max((len(run) for run in _TILDES.findall(content)), default=0)
    fence = "~" * max(_SHORTEST_FENCE, longest + 1)
    return f"{fence}text\n{content}\n{fence}"


def _needs_fence(content: str) -> bool:
    fence = ""
    lines = _LINE_ENDS.split(content)
    if lines[0].lstrip().startswith("~~~"):
        # It could be taken for a fence of ours.
        return True
    for line in lines:
        if _BOUNDARY.match(line):
            return True
        found = _FENCE.fullmatch(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
        elif found and not (found[1][0] == "`" and "`" in found[2]):
            fence = found[1]
        elif _TAKEN_FOR_MORE.match(line):
            return True
    return bool(fence)
