"""Turn a conversation of a file into events: made, filled in pieces, and put as it was. Pure."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import msgspec

from gateway.history import ROOT
from gateway.transfer.import_ids import ImportIds
from gateway.transfer.sources import SourceConversation
from gateway.transfer.tree import Tree
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationEvent,
    ImportedMessage,
    MessagesImported,
    encode_event,
)

# The consumer writes an event's messages at once, and others wait for it.
_CHUNK_BYTES = 500_000
_CHUNK_MESSAGES = 1_000
_MAX_TITLE = 300
_MAX_MODEL = 200

_encode = msgspec.json.Encoder().encode


class Import(NamedTuple):
    """Whose import it is, and when."""

    user_id: str
    ids: ImportIds
    at_ms: int


def events_of(
    source: SourceConversation, tree: Tree, name: str, made: Import
) -> Iterator[ConversationEvent]:
    """Yield the events in their order; ``name`` is the conversation's within the file."""
    times = _times(source, tree)
    began_at_ms = source.created_at_ms or min((t for t in times.values() if t), default=0)
    conversation_id = made.ids.conversation(name, began_at_ms)
    yield ConversationCreated(
        conversation_id=conversation_id,
        user_id=made.user_id,
        at_ms=made.at_ms,
        title=source.title[:_MAX_TITLE].strip(),
        model=source.model[:_MAX_MODEL],
        system=source.system,
        sampling=source.sampling,
        created_at_ms=began_at_ms or None,
        updated_at_ms=source.updated_at_ms or max(times.values(), default=0) or None,
    )
    ids = {
        source_id: made.ids.message(conversation_id, source_id, at_ms)
        for source_id, at_ms in times.items()
    }
    for chunk in _chunks(_messages(tree, ids, times, made.at_ms)):
        yield MessagesImported(
            conversation_id=conversation_id,
            user_id=made.user_id,
            at_ms=made.at_ms,
            messages=chunk,
        )
    leaf_id = ids.get(tree.anchors.get(source.leaf_id or "", ROOT))
    if leaf_id or source.pinned or source.archived:
        yield ConversationChanged(
            conversation_id=conversation_id,
            user_id=made.user_id,
            at_ms=made.at_ms,
            leaf_id=leaf_id,
            pinned=source.pinned or None,
            archived=source.archived or None,
        )


def import_message_id(event: ConversationEvent) -> str:
    """Return the message id by which the broker stores a repeated event once.

    It holds what the event says but for when, so that a changed file is not taken for a repeat.
    """
    said = encode_event(msgspec.structs.replace(event, at_ms=0))
    return f"import:{event.user_id}:{sha256(said).hexdigest()}"


def _times(source: SourceConversation, tree: Tree) -> dict[str, int]:
    """Return the time of each message: its own, or its parent's, or the conversation's, or 0."""
    times: dict[str, int] = {ROOT: source.created_at_ms or 0}
    for hung in tree.messages:
        times[hung.source_id] = hung.message.at_ms or times[hung.parent_id]
    del times[ROOT]
    return times


def _messages(
    tree: Tree, ids: dict[str, str], times: dict[str, int], at_ms: int
) -> Iterator[ImportedMessage]:
    for source_id, parent_id, message in tree.messages:
        yield ImportedMessage(
            message_id=ids[source_id],
            parent_id=ids.get(parent_id, ROOT),
            role=message.role,
            content=message.content,
            created_at_ms=times[source_id] or at_ms,
            model=message.model[:_MAX_MODEL],
        )


def _chunks(messages: Iterator[ImportedMessage]) -> Iterator[tuple[ImportedMessage, ...]]:
    chunk: list[ImportedMessage] = []
    size = 0
    for message in messages:
        added = len(_encode(message)) + 1
        if chunk and (size + added > _CHUNK_BYTES or len(chunk) >= _CHUNK_MESSAGES):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(message)
        size += added
    if chunk:
        yield tuple(chunk)
