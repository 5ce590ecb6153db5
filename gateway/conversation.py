"""Find what the model must see of a conversation before a new message."""

import asyncio

from gateway.errors import NotFound, ParentNotReady
from gateway.history import Branch, HistoryReader, branch_up_to
from schemas.ids import is_ulid

# A client that has just read a reply's end may answer it before the history has it.
_HISTORY_LAG_S = 1.0
_POLL_S = 0.05


class Conversations:
    """Reads branches of the message tree."""

    def __init__(self, history: HistoryReader) -> None:
        self._history = history

    async def branch(
        self, user_id: str, conversation_id: str | None, parent_id: str | None
    ) -> Branch:
        """Return the branch that ends with ``parent_id``; empty for a new conversation.

        Raises ``NotFound``, ``ParentNotReady``, ``BadRequest`` or ``StoreUnavailable``.
        """
        if conversation_id is None:
            return Branch((), None)
        for name, value in (("conversation_id", conversation_id), ("parent_id", parent_id)):
            if value and not is_ulid(value):
                raise NotFound(f"There is no such `{name}`; check it.", param=name)
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + _HISTORY_LAG_S
        while True:
            messages = await self._history.conversation(user_id, conversation_id)
            try:
                return branch_up_to(messages, parent_id)
            except (NotFound, ParentNotReady):
                if clock() >= give_up_at:
                    raise
            await asyncio.sleep(_POLL_S)
