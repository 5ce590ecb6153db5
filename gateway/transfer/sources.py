"""What a file says, whoever's format it is in. Pure.

Ids are the file's own. A node without a message only holds its children in place.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from schemas.events import Sampling

# What a conversation was imported without: how many of each, by a phrase that follows the number.
Losses = Counter[str]

BROKEN = "message(s) of no valid form"
REPEATED = "message(s) with the id of another"
ORPHANED = "link(s) to messages that are not there"
CIRCULAR = "message(s) that hang on each other in a circle"
TOO_LARGE = "message(s) that are too large"
TOO_MANY = "message(s) beyond the most that a conversation has"
SAMPLING = "set of sampling parameters that is not valid"
SYSTEM = "system prompt that is too long"


class SourceMessage(NamedTuple):
    """One message; ``at_ms`` is ``None`` where the file has no time that can be right."""

    role: Literal["user", "assistant"]
    content: str
    model: str
    at_ms: int | None


class SourceNode(NamedTuple):
    """One place in the tree; ``parent_id`` is ``None`` for a first one."""

    source_id: str
    parent_id: str | None
    message: SourceMessage | None


@dataclass(kw_only=True)
class SourceConversation:
    """One conversation; ``source_id`` is ``None`` where the file gives none."""

    source_id: str | None
    title: str
    nodes: list[SourceNode]
    leaf_id: str | None
    created_at_ms: int | None
    updated_at_ms: int | None
    model: str = ""
    system: str = ""
    sampling: Sampling | None = None
    pinned: bool = False
    archived: bool = False
    # Replies in several pieces, as by tools, are joined to one.
    join_replies: bool = False
    losses: Losses = field(default_factory=Counter)


class Unreadable(Exception):
    """A conversation of the file holds nothing to import; leave it out, and say why."""


class NotAConversation(Unreadable):
    """A part of the file is no conversation of its format; leave it out, and say why."""
