"""Erase a user for good: sign them out, stop their replies, and have everything removed.

The consumer ``history`` removes documents, account and both logs' messages when it sees the event;
what is done here before only keeps the user from doing more meanwhile. Once the event is stored the
erasure cannot be lost, and it may be asked for again.
"""

import structlog

from gateway.accounts.ports import AccountStore, Ended, SessionStore
from gateway.conversations.conversation_log import ConversationLog, now_ms
from gateway.conversations.conversations import Conversations
from gateway.conversations.erasures import ErasureReader, ErasureReport, finished_report
from gateway.history import HistoryReader
from schemas.events import UserErased

# Longer ones go on by themselves.
_ERASED_WITHIN_S = 10.0

log = structlog.get_logger(__name__)


class Erasing:
    """Methods raise ``StoreUnavailable`` or ``BrokerUnavailable``; then it is asked for again."""

    def __init__(
        self,
        accounts: AccountStore,
        sessions: SessionStore,
        ended: Ended,
        conversations: Conversations,
        history: HistoryReader,
        conversation_log: ConversationLog,
        erasures: ErasureReader,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._ended = ended
        self._conversations = conversations
        self._history = history
        self._log = conversation_log
        self._erasures = erasures

    async def erase(self, user_id: str) -> ErasureReport | None:
        """Erase a user; ``None`` if it is accepted but not done yet."""
        pending = await self._history.pending(user_id)
        await self._accounts.update(user_id, disabled=True)
        await self._log.publish(UserErased(user_id=user_id, at_ms=now_ms()), f"erased:{user_id}")
        await self._sessions.end_all(user_id)
        await self._ended(user_id)
        log.info("account_erased", user_id=user_id)
        await self._conversations.cancel_pending(user_id, pending)
        return await finished_report(self._erasures, user_id, "", _ERASED_WITHIN_S)
