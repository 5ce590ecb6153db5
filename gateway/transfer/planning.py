"""Plan the import of a file: which events each of its conversations becomes. Pure."""

from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from gateway.transfer.import_events import Import, events_of
from gateway.transfer.import_file import ImportFile
from gateway.transfer.joining import join_replies
from gateway.transfer.loose_json import ABSENT, loose
from gateway.transfer.sources import (
    Losses,
    NotAConversation,
    SourceConversation,
    Unreadable,
)
from gateway.transfer.tree import Tree, hang
from schemas.events import ConversationEvent

# Of a code point as JSON.
_LONGEST_ESCAPE_BYTES = 6


class Plan(NamedTuple):
    """What one conversation becomes, and why it is not all of it (``""``: it is)."""

    title: str
    events: list[ConversationEvent]
    messages: int
    lost: str
    is_conversation: bool = True


class _Titled(Struct):
    title: Raw = ABSENT


class Planner:
    """Plans one import; ``max_bytes`` is the largest content of a message, as JSON."""

    def __init__(self, file: ImportFile, made: Import, max_bytes: int) -> None:
        self._file = file
        self._made = made
        self._max_bytes = max_bytes
        self._names: set[str] = set()

    def plan(self, index: int) -> Plan:
        """Return what becomes of the file's conversation at ``index``; call it once for each."""
        raw = self._file.conversations[index]
        try:
            source = self._file.read(raw, self._made.at_ms)
            name = self._name(source, index)
            tree = self._tree(source)
        except Unreadable as error:
            is_one = not isinstance(error, NotAConversation)
            return Plan(_title(raw), [], 0, str(error), is_conversation=is_one)
        # Those without any time keep the file's order, in which the newest is the first.
        made = self._made._replace(at_ms=self._made.at_ms - index)
        events = list(events_of(source, tree, name, made))
        lost = f"Imported without {_listed(source.losses)}." if source.losses else ""
        return Plan(source.title, events, len(tree.messages), lost)

    def _name(self, source: SourceConversation, index: int) -> str:
        name = f"index:{index}" if source.source_id is None else f"id:{source.source_id}"
        if name in self._names:
            raise Unreadable("Another conversation of the file has the same id.")
        self._names.add(name)
        return name

    def _tree(self, source: SourceConversation) -> Tree:
        tree = hang(source.nodes, self._fits, source.losses)
        if source.losses and not tree.messages:
            raise Unreadable(f"Nothing is left of it without {_listed(source.losses)}.")
        return join_replies(tree) if source.join_replies else tree

    def _fits(self, content: str) -> bool:
        if len(content) * _LONGEST_ESCAPE_BYTES <= self._max_bytes:
            return True
        return len(msgspec.json.encode(content)) <= self._max_bytes


def _title(raw: Raw) -> str:
    titled = loose(raw, _Titled)
    return "" if titled is None else loose(titled.title, str) or ""


def _listed(losses: Losses) -> str:
    return ", ".join(f"{number} {what}" for what, number in losses.items())
