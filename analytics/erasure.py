"""Erase a conversation or a user from the store and from both logs.

The steps may be repeated, so a crash between any two is healed by the event's redelivery. What a
worker or another consumer still writes about it is erased when its event comes.
"""

import asyncio

import structlog

from analytics.erasure_store import ErasureStore
from analytics.log_eraser import LogEraser
from schemas import subjects
from schemas.events import (
    ConversationDeleted,
    HistoryEvent,
    PromptDied,
    PromptSubmitted,
    ReplyFinished,
    UserErased,
)
from schemas.streams import ACK_WAIT_S

# After this a worker that has lost its claim has noticed.
_WORKERS_NOTICE_S = ACK_WAIT_S + 1.0

log = structlog.get_logger(__name__)


class Erasure:
    """Erases by events, and what comes too late."""

    def __init__(
        self, store: ErasureStore, eraser: LogEraser, workers_notice_s: float = _WORKERS_NOTICE_S
    ) -> None:
        self._store = store
        self._log = eraser
        self._workers_notice_s = workers_notice_s

    async def erase_conversation(self, event: ConversationDeleted) -> None:
        """Erase a conversation; its deletion stays in the log, without any content."""
        user_id, conversation_id = event.user_id, event.conversation_id
        await self._store.note(user_id, conversation_id, event.reason, event.at_ms)
        found = await self._store.find(user_id, conversation_id)
        # Counted before anything goes: after a crash the rest could not be told from the whole.
        await self._store.report(
            user_id,
            conversation_id,
            conversations=found.conversations,
            messages=found.messages,
            log_events=await self._log.delete_events(found.log_seqs),
            reply_frames=await self._purge_replies(found.reply_ids),
        )
        await self._delete_dead_letters(user_id, conversation_id)
        await self._store.forget(user_id, conversation_id)
        await self._store.done(user_id, conversation_id)
        log.info("conversation_erased", reason=event.reason)

    async def erase_user(self, event: UserErased) -> None:
        """Erase a user: documents, account and all that both logs hold."""
        user_id = event.user_id
        await self._store.note(user_id, "", "user", event.at_ms)
        found = await self._store.find(user_id, "")
        reply_ids = found.reply_ids | await self._replies_in_log(user_id)
        await self._store.report(
            user_id,
            "",
            conversations=found.conversations,
            messages=found.messages,
            log_events=await self._log.purge_facts(user_id),
            reply_frames=await self._purge_replies(reply_ids),
        )
        await self._store.forget(user_id, "")
        await self._store.done(user_id, "")
        await asyncio.sleep(self._workers_notice_s)
        # What workers had in hand when their claims went.
        await self._log.purge_facts(user_id)
        await self._purge_replies(reply_ids)
        log.info("user_erased")

    async def erase_late(self, event: HistoryEvent, sequence: int) -> None:
        """Erase an event that came after its conversation or user was erased."""
        conversation_id = getattr(event, "conversation_id", None) or ""
        if not await self._store.is_erased(event.user_id, conversation_id):
            return
        if isinstance(event, PromptSubmitted | ReplyFinished):
            ids = [event.user_message_id, event.assistant_message_id]
            await self._store.forget_messages(event.user_id, ids)
            await self._log.purge_reply(event.reply_id)
        if conversation_id:
            await self._store.forget(event.user_id, conversation_id)
        await self._log.delete_events([sequence])
        log.info("late_event_erased", sequence=sequence)

    async def _replies_in_log(self, user_id: str) -> frozenset[str]:
        """Return the replies that the history does not know, such as temporary ones."""
        prompts = self._log.facts(subjects.prompts_of_user(user_id))
        return frozenset(
            [event.reply_id async for _, event in prompts if isinstance(event, PromptSubmitted)]
        )

    async def _purge_replies(self, reply_ids: frozenset[str]) -> int:
        return sum([await self._log.purge_reply(reply_id) for reply_id in reply_ids])

    async def _delete_dead_letters(self, user_id: str, conversation_id: str) -> None:
        letters = self._log.facts(subjects.dead_letters_of_user(user_id))
        await self._log.delete_events(
            [
                sequence
                async for sequence, event in letters
                if isinstance(event, PromptDied) and event.prompt.conversation_id == conversation_id
            ]
        )
