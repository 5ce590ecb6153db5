"""The opaque string that says where a reader of a reply stands.

It carries the fold's state after a frame, so that any gateway process can go on from it without
reading the reply from its start. The same string is the SSE ``id:``, ``Last-Event-ID`` and
``?after=``. Clients must not look into it.
"""

import re
from typing import NamedTuple

from schemas.errors import ErrorCode, RivuletError
from schemas.fold import FoldState

_TAIL_LENGTH = 6
_FORM = re.compile(
    r"(?P<tail>[0-9A-Z]{6})\.(?P<sequence>\d{1,18})\.(?P<n>\d{1,9})"
    r"\.(?P<tokens>\d{1,12})\.(?P<characters>\d{1,12})(?P<ended>\.e)?",
    re.ASCII,
)


class BadCursor(RivuletError):
    """The cursor is not one of this reply; start again without it to read from the beginning."""

    code = ErrorCode.BAD_CURSOR


class Cursor(NamedTuple):
    """A place in a reply: the sequence of the last frame read and the fold's state after it."""

    sequence: int = 0
    state: FoldState = FoldState()


START = Cursor()


def format_cursor(reply_id: str, cursor: Cursor) -> str:
    """Return the cursor as the string that clients keep.

    It leaves ``finish`` out: only workers ask how the model ended, and they read the log.
    """
    state = cursor.state
    text = (
        f"{reply_id[-_TAIL_LENGTH:]}.{cursor.sequence}.{state.n}.{state.tokens}.{state.characters}"
    )
    return text + ".e" if state.ended else text


def parse_cursor(reply_id: str, text: str) -> Cursor:
    """Return the cursor in ``text``; raises ``BadCursor`` if it is none of this reply."""
    match = _FORM.fullmatch(text)
    if match is None or match["tail"] != reply_id[-_TAIL_LENGTH:]:
        raise BadCursor
    state = FoldState(
        n=int(match["n"]),
        tokens=int(match["tokens"]),
        characters=int(match["characters"]),
        ended=match["ended"] is not None,
    )
    return Cursor(int(match["sequence"]), state)
