"""Read a finished reply on from the store, for a reader whose log has expired. Pure.

The log has no such places any more, so the cursors are made up: they tell how much of the text is
known, which is all that the store needs to go on from them.
"""

from typing import NamedTuple

from gateway.history import StoredMessage
from schemas.cursor import Cursor


class StoredRest(NamedTuple):
    """The text that a reader lacks, and where it stands after that, and after the end."""

    text: str
    after_text: Cursor
    after_end: Cursor


def rest_of(message: StoredMessage, cursor: Cursor) -> StoredRest:
    """Return what a finished message has beyond ``cursor``."""
    rest = message.content[cursor.state.characters :]
    state = cursor.state._replace(characters=cursor.state.characters + len(rest))
    return StoredRest(rest, cursor._replace(state=state), ended(cursor._replace(state=state)))


def ended(cursor: Cursor) -> Cursor:
    """Return the place behind which nothing comes."""
    return cursor._replace(state=cursor.state._replace(ended=True))
