"""What a projection offers to be rebuilt: how its events are folded, and into which collections.

A new projection, or another collection of one, needs no more than this; reading, resuming,
comparing and promoting know nothing of what is in the documents.
"""

import re
from collections.abc import Collection as Several
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from analytics.errors import ReplayRefused
from analytics.replay.erased import Erased
from analytics.replay.missing import Missing
from analytics.store_client import Collection, Document
from schemas.events import Event

_NAME = re.compile(r"[a-z0-9_]{1,32}")


class RebuiltCollection(NamedTuple):
    """One collection of a projection, live and rebuilt.

    ``sets``: fields whose order means nothing. ``owner`` and ``conversation`` are the fields that
    say whose a document is, ``""`` where there is none. ``keeps``: a live document that was not
    rebuilt stays when the rebuilt ones are promoted, since its events may be gone by design.
    """

    name: str
    live: Collection
    rebuilt: Collection
    sets: tuple[str, ...] = ()
    owner: str = "user_id"
    conversation: str = "conversation_id"
    keeps: bool = False


class Rebuild(Protocol):
    """One projection that is being rebuilt.

    Folding the same event again must change nothing: after a crash a rebuild repeats its last
    events.
    """

    @property
    def subject(self) -> str:
        """What it reads of the log."""

    @property
    def kinds(self) -> Several[str]:
        """What it reads of the archive; with ``UNKNOWN_KINDS``, to count what does not parse."""

    @property
    def session_id(self) -> str:
        """The session of its writes, for whoever goes on after a crash (``one_commit.py``)."""

    @property
    def collections(self) -> tuple[RebuiltCollection, ...]:
        """Where its documents are."""

    def fold(self, event: Event, sequence: int) -> None:
        """Take one event, in memory."""

    async def write(self) -> None:
        """Write what has been folded; raises ``StoreUnavailable`` or ``StoreRefused``."""

    async def finish(self) -> None:
        """Do what remains when all is written, such as indexes, or sums over the documents."""

    async def touched(self, documents: Sequence[Document], *, written: bool) -> None:
        """Note live documents that a promotion changes, old and new ones.

        Called before each write and, ``written``, after it, so that what is derived from them
        (sums, roll-ups) is made anew even when the promotion dies in between.
        """

    async def knows(self, missing: Sequence[Missing], erased: Erased) -> bool:
        """Tell whether the live projection has anything that only missing events could rebuild.

        What is erased, temporary or forgotten does not count. Where it cannot be told: ``True``.
        """


def rebuilt_database(database: str, name: str) -> str:
    """Return the database that stands for ``database`` in the rebuild ``name``.

    One of its own, since the embedded store serialises the requests of each.
    """
    if not _NAME.fullmatch(name):
        raise ReplayRefused(
            f"{name!r} is no name for a rebuild: use 1-32 lower-case letters, digits or _"
        )
    return f"{database}_replay_{name}"


def is_field(document: Document, field: str) -> str:
    """Return a field's text, ``""`` where there is none."""
    return str(document.get(field, "")) if field else ""
