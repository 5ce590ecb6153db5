"""What the gateway asks of the stored history, and what a branch of a conversation is. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Protocol

from gateway.errors import BadRequest, NotFound, ParentNotReady
from schemas.documents import MessageStatus
from schemas.events import ChatMessage

# ``parent_id`` of a conversation's first messages.
ROOT = ""


class StoredMessage(NamedTuple):
    """One message of the tree."""

    message_id: str
    parent_id: str
    role: Literal["user", "assistant"]
    content: str
    status: MessageStatus
    created_at_ms: int
    finish_reason: str | None = None
    error: dict[str, str] | None = None
    reply_id: str = ""
    model: str = ""
    omitted_messages: int = 0
    conversation_id: str = ""


def by_age(message: StoredMessage) -> tuple[int, bool, str]:
    """Return what messages are sorted by; a question and its answer are made in one moment."""
    return message.created_at_ms, message.role == "assistant", message.message_id


class FoundMessage(NamedTuple):
    """A message that a search has found, and a piece of it."""

    message_id: str
    conversation_id: str
    role: Literal["user", "assistant"]
    created_at_ms: int
    excerpt: str


class HistoryReader(Protocol):
    """Reads a user's messages; all raise ``StoreUnavailable``."""

    async def conversation(self, user_id: str, conversation_id: str) -> list[StoredMessage]:
        """Return a conversation's messages; none if it is not this user's."""

    async def answer(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the assistant's message of a reply."""

    async def pending(self, user_id: str) -> list[StoredMessage]:
        """Return the answers of a user that have not ended."""

    async def search(self, user_id: str, phrases: list[str], limit: int) -> list[FoundMessage]:
        """Return messages of conversations that have all of the phrases, newest first."""


class Branch(NamedTuple):
    """What the model sees before a new message, and the message that it hangs on.

    ``omitted`` messages before these were left out already. Not ``whole``: some message on the way
    to the beginning is missing, or has no text yet.
    """

    messages: tuple[ChatMessage, ...]
    parent_id: str | None
    omitted: int = 0
    whole: bool = True


def branch_up_to(messages: Iterable[StoredMessage], parent_id: str) -> Branch:
    """Walk from ``parent_id`` to the conversation's beginning.

    Raises ``NotFound``, ``ParentNotReady`` or ``BadRequest``.
    """
    if parent_id == ROOT:
        return Branch((), None)
    by_id = {message.message_id: message for message in messages}
    parent = by_id.get(parent_id)
    if parent is None:
        raise NotFound("This conversation has no such message; check the id.", param="parent_id")
    if parent.role != "assistant":
        raise BadRequest("`parent_id` must name a reply of the assistant.", param="parent_id")
    if parent.status == "pending":
        raise ParentNotReady(param="parent_id")
    path = _path(by_id, parent)
    whole = path[-1].parent_id == ROOT and all(turn.status != "pending" for turn in path)
    # A reply that failed before its first token has nothing to say to the model.
    said = (ChatMessage(turn.role, turn.content) for turn in reversed(path) if turn.content)
    return Branch(tuple(said), parent.message_id, whole=whole)


def _path(by_id: Mapping[str, StoredMessage], last: StoredMessage) -> list[StoredMessage]:
    """Return the messages from ``last`` to the beginning."""
    path: list[StoredMessage] = []
    at: StoredMessage | None = last
    # Each message is visited once: documents that point in a circle must not hang the gateway.
    while at is not None and len(path) < len(by_id) + 1:
        path.append(at)
        at = by_id.get(at.parent_id)
    return path
