"""What the gateway asks of the stored history, and what a branch of a conversation is. Pure."""

from collections.abc import Iterable
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
    model: str = ""


class HistoryReader(Protocol):
    """Reads a user's messages; both raise ``StoreUnavailable``."""

    async def conversation(self, user_id: str, conversation_id: str) -> list[StoredMessage]:
        """Return a conversation's messages; none if it is not this user's."""

    async def answer(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the assistant's message of a reply."""


class Branch(NamedTuple):
    """What the model sees before a new message, and the message that it hangs on."""

    messages: tuple[ChatMessage, ...]
    parent_id: str | None


def branch_up_to(messages: Iterable[StoredMessage], parent_id: str | None) -> Branch:
    """Walk from ``parent_id`` (``None``: the newest reply) to the conversation's beginning.

    Raises ``NotFound``, ``ParentNotReady`` or ``BadRequest``.
    """
    by_id = {message.message_id: message for message in messages}
    if not by_id:
        raise NotFound("This conversation does not exist; check its id.", param="conversation_id")
    if parent_id == ROOT:
        return Branch((), None)
    parent = _newest_reply(by_id) if parent_id is None else by_id.get(parent_id)
    if parent is None:
        raise NotFound("This conversation has no such message; check the id.", param="parent_id")
    if parent.role != "assistant":
        raise BadRequest("`parent_id` must name a reply of the assistant.", param="parent_id")
    if parent.status == "pending":
        raise ParentNotReady(param="parent_id")
    return Branch(_walk(by_id, parent), parent.message_id)


def _newest_reply(by_id: dict[str, StoredMessage]) -> StoredMessage | None:
    replies = (message for message in by_id.values() if message.role == "assistant")
    return max(replies, key=lambda reply: (reply.created_at_ms, reply.message_id), default=None)


def _walk(by_id: dict[str, StoredMessage], last: StoredMessage) -> tuple[ChatMessage, ...]:
    path: list[ChatMessage] = []
    at: StoredMessage | None = last
    # Each message is visited once: documents that point in a circle must not hang the gateway.
    while at is not None and len(path) < len(by_id) + 1:
        path.append(ChatMessage(at.role, at.content))
        at = by_id.get(at.parent_id)
    # A reply that failed before its first token has nothing to say to the model.
    return tuple(message for message in reversed(path) if message.content)
