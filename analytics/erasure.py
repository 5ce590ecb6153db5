"""Erase a conversation or a user from the store and from both logs.

The steps may be repeated, so a crash between any two is healed by the event's redelivery. What was
being written meanwhile is erased by a second pass; what comes later, when its event comes.
"""

import asyncio
import time

import structlog

from analytics.erasure_store import Again, ErasureStore
from analytics.errors import LogUnavailable, StoreRefused, StoreUnavailable
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

# By then a worker that has lost its claim has noticed, and no write to the store is on its way.
_AGAIN_AFTER_S = max(2 * ACK_WAIT_S, 15.0)
_SWEEP_PERIOD_S = 2.0

log = structlog.get_logger(__name__)


class Erasure:
    """Erases by events, and what comes too late."""

    def __init__(
        self, store: ErasureStore, eraser: LogEraser, again_after_s: float = _AGAIN_AFTER_S
    ) -> None:
        self._store = store
        self._log = eraser
        self._again_after_s = again_after_s

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
        await self._store.done(user_id, conversation_id, self._again(found.reply_ids))
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
        await self._store.done(user_id, "", self._again(reply_ids))
        log.info("user_erased")

    async def sweep_for_ever(self) -> None:
        """Do the second passes when their time comes, until cancelled."""
        while True:
            try:
                await self.sweep(time.time_ns() // 1_000_000)
            except (StoreUnavailable, StoreRefused, LogUnavailable) as error:
                log.warning("erasures_postponed", error=str(error))
            await asyncio.sleep(_SWEEP_PERIOD_S)

    async def sweep(self, now_ms: int) -> None:
        """Erase once more what is due; two processes that do so at once do no harm."""
        for due in await self._store.due(now_ms):
            found = await self._store.find(due.user_id, due.conversation_id)
            if not due.conversation_id:
                await self._log.purge_facts(due.user_id)
            await self._log.delete_events(found.log_seqs)
            await self._purge_replies(found.reply_ids | due.reply_ids)
            await self._store.forget(due.user_id, due.conversation_id)
            await self._store.settled(due)

    def _again(self, reply_ids: frozenset[str]) -> Again:
        return Again(round((time.time() + self._again_after_s) * 1000), reply_ids)

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
