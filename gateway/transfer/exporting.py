"""Read conversations for a file: one, or all of a user's, one at a time."""

from collections.abc import AsyncIterator

from gateway.conversations.branches import shown_branch
from gateway.conversations.history_position import HistoryPosition
from gateway.conversations.lookup import find_conversation
from gateway.conversations.ports import ConversationReader, StoredConversation
from gateway.history import HistoryReader
from gateway.transfer.attachment import disposition
from gateway.transfer.export_format import BETWEEN, CLOSING, OPENING, conversation_json
from gateway.transfer.markdown import markdown_of

_PAGE = 50


class Exporting:
    """Writes files of what the store has; all raise ``StoreUnavailable``."""

    def __init__(
        self, conversations: ConversationReader, history: HistoryReader, position: HistoryPosition
    ) -> None:
        self._conversations = conversations
        self._history = history
        self._position = position

    async def conversation(self, user_id: str, conversation_id: str) -> StoredConversation:
        """Return the user's conversation; raises ``NotFound`` or ``HistoryBehind``."""
        found = await find_conversation(
            self._conversations, self._position, user_id, conversation_id
        )
        return found.conversation

    async def as_json(self, stored: StoredConversation) -> bytes:
        """Return a file of one conversation."""
        return b"".join([OPENING, await self._one(stored), CLOSING])

    async def as_markdown(self, stored: StoredConversation) -> bytes:
        """Return the branch that is shown."""
        messages = await self._history.conversation(stored.user_id, stored.conversation_id)
        branch = shown_branch(messages, stored.leaf_id)
        return markdown_of(stored.title, stored.system, branch).encode()

    async def everything(self, user_id: str) -> AsyncIterator[bytes]:
        """Yield the pieces of a file of all conversations, those that changed last at its end.

        So one that changes meanwhile is met again and left out, and never missed.
        """
        await self._position.wait_for(user_id)
        seen: set[str] = set()
        limit = _PAGE
        page = await self._conversations.upwards(user_id, rank=0, limit=limit)
        yield OPENING
        while True:
            for stored in page:
                if stored.conversation_id not in seen:
                    yield (BETWEEN if seen else b"") + await self._one(stored)
                    seen.add(stored.conversation_id)
            if len(page) < limit:
                break
            # Ranks may be equal, and a page of nothing but one rank leads nowhere.
            limit = limit * 2 if page[0].rank == page[-1].rank else _PAGE
            page = await self._conversations.upwards(user_id, rank=page[-1].rank, limit=limit)
        yield CLOSING

    async def _one(self, stored: StoredConversation) -> bytes:
        messages = await self._history.conversation(stored.user_id, stored.conversation_id)
        return conversation_json(stored, messages)


def everything_disposition() -> dict[str, str]:
    """Return the header that names a file of all conversations."""
    return disposition("rivulet-conversations", "json")
