"""Our own file format for conversations. Pure.

A file holds whole trees. Times are milliseconds since the Unix epoch; ``parent_id`` of a first
message is ``null``. The import reads the same format (``own_source.py``).
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from gateway.conversations.branches import parents_first
from gateway.conversations.ports import StoredConversation
from gateway.history import StoredMessage

FORMAT: Literal["rivulet.conversations"] = "rivulet.conversations"
VERSION: Literal[1] = 1
# What stands around and between the conversations of a file that is written bit by bit.
OPENING = b'{"format":"rivulet.conversations","version":1,"conversations":[\n'
BETWEEN = b",\n"
CLOSING = b"\n]}\n"


def _plain(value: object) -> int:
    """Return a number of the store's as one of Python's: large ones have a type of their own."""
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"not to be exported: {type(value).__name__}")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


class ExportedMessage(Struct, kw_only=True):
    """One message of the tree."""

    id: str
    parent_id: Annotated[str | None, Meta(description="null: it begins the conversation")]
    role: Literal["user", "assistant"]
    content: str
    model: str
    status: Annotated[str, Meta(description="Not imported: `failed`, `pending` and the like")]
    created_at_ms: int


class ExportedConversation(Struct, kw_only=True):
    """One conversation with all its branches, parents before children."""

    id: str
    title: str
    model: str
    system: str
    sampling: dict[str, Any]
    pinned: bool
    archived: bool
    created_at_ms: int
    updated_at_ms: int
    leaf_id: Annotated[str | None, Meta(description="A message of the branch that is shown")]
    messages: list[ExportedMessage]


class ExportedConversations(Struct, kw_only=True):
    """A file of conversations."""

    format: Literal["rivulet.conversations"]
    version: Literal[1]
    conversations: list[ExportedConversation]


def conversation_json(stored: StoredConversation, messages: Iterable[StoredMessage]) -> bytes:
    """Return one conversation as it stands in a file."""
    return _encode(_exported(stored, messages))


def _exported(
    stored: StoredConversation, messages: Iterable[StoredMessage]
) -> ExportedConversation:
    return ExportedConversation(
        id=stored.conversation_id,
        title=stored.title,
        model=stored.model,
        system=stored.system,
        sampling=stored.sampling,
        pinned=stored.pinned,
        archived=stored.archived,
        created_at_ms=stored.created_at_ms,
        updated_at_ms=stored.updated_at_ms,
        leaf_id=stored.leaf_id or None,
        messages=[_message(message) for message in parents_first(messages)],
    )


def _message(message: StoredMessage) -> ExportedMessage:
    return ExportedMessage(
        id=message.message_id,
        parent_id=message.parent_id or None,
        role=message.role,
        content=message.content,
        model=message.model,
        status=message.status,
        created_at_ms=message.created_at_ms,
    )
