"""Hang the messages of a file on each other, whatever its links say. Pure, without recursion."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from gateway.history import ROOT
from gateway.transfer.sources import (
    BROKEN,
    CIRCULAR,
    ORPHANED,
    REPEATED,
    TOO_LARGE,
    TOO_MANY,
    Losses,
    SourceMessage,
    SourceNode,
)

# As many as the history gives back (``message_reader.py``).
MOST_MESSAGES = 20_000


class HungMessage(NamedTuple):
    """A message and the file's id of the message that it hangs on, ``ROOT`` for a first one."""

    source_id: str
    parent_id: str
    message: SourceMessage


class Tree(NamedTuple):
    """Messages, parents before children.

    ``anchors`` holds for each node of the file itself, or the nearest message above it.
    """

    messages: list[HungMessage]
    anchors: dict[str, str]


def hang(nodes: list[SourceNode], fits: Callable[[str], bool], losses: Losses) -> Tree:
    """Return the tree of all messages whose content fits; what is lost is added to ``losses``.

    Children of what is left out hang on the nearest message above it. A node whose parent is not
    there begins the conversation; a circle has no beginning and is left out.
    """
    by_id = _by_id(nodes, losses)
    children = _children(by_id, losses)
    hung: list[HungMessage] = []
    anchors: dict[str, str] = {}
    waiting = deque((source_id, ROOT) for source_id in children.get(None, ()))
    while waiting:
        source_id, above = waiting.popleft()
        message = by_id[source_id].message
        anchors[source_id] = above
        if message is not None and _is_kept(message, len(hung), fits, losses):
            hung.append(HungMessage(source_id, above, message))
            anchors[source_id] = source_id
        waiting.extend((child, anchors[source_id]) for child in children.get(source_id, ()))
    _count(losses, CIRCULAR, len(by_id) - len(anchors))
    return Tree(hung, anchors)


def _by_id(nodes: list[SourceNode], losses: Losses) -> dict[str, SourceNode]:
    by_id: dict[str, SourceNode] = {}
    for node in nodes:
        if node.source_id == ROOT:
            _count(losses, BROKEN, 1)
        elif node.source_id in by_id:
            _count(losses, REPEATED, 1)
        else:
            by_id[node.source_id] = node
    return by_id


def _children(by_id: dict[str, SourceNode], losses: Losses) -> dict[str | None, list[str]]:
    children: dict[str | None, list[str]] = {}
    for node in by_id.values():
        parent_id = node.parent_id
        if parent_id is not None and parent_id not in by_id:
            _count(losses, ORPHANED, 1)
            parent_id = None
        children.setdefault(parent_id, []).append(node.source_id)
    return children


def _is_kept(
    message: SourceMessage, kept: int, fits: Callable[[str], bool], losses: Losses
) -> bool:
    if kept >= MOST_MESSAGES:
        _count(losses, TOO_MANY, 1)
        return False
    if not fits(message.content):
        _count(losses, TOO_LARGE, 1)
        return False
    return True


def _count(losses: Losses, what: str, number: int) -> None:
    if number:
        losses[what] += number
