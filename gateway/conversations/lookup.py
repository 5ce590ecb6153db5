"""Find a user's conversation, and tell what does not exist from what is not stored yet."""

from typing import NamedTuple

from gateway.conversations.history_position import HistoryPosition
from gateway.conversations.ports import ConversationReader, StoredConversation
from gateway.errors import GatewayError, HistoryBehind, NotFound
from schemas.ids import is_ulid

_MISSING = "This conversation does not exist; check its id."


class FoundConversation(NamedTuple):
    """A conversation; ``is_whole`` if the history had all that its user did before."""

    conversation: StoredConversation
    is_whole: bool


async def find_conversation(
    reader: ConversationReader, position: HistoryPosition, user_id: str, conversation_id: str
) -> FoundConversation:
    """Return a conversation as the history has it; raises ``NotFound`` or ``HistoryBehind``."""
    if not is_ulid(conversation_id):
        raise NotFound(_MISSING)
    is_whole = await position.wait_for(user_id)
    found = await reader.one(user_id, conversation_id)
    if found is None:
        raise missing(_MISSING, is_whole=is_whole)
    return FoundConversation(found, is_whole)


def missing(message: str, *, is_whole: bool, param: str | None = None) -> GatewayError:
    """Return the error for what was not found in a history that is whole, or behind."""
    return NotFound(message, param=param) if is_whole else HistoryBehind()
