"""Erase a conversation or a user from the store and from both logs.

The steps may be repeated, so a crash between any two is healed by the event's redelivery. What was
being written meanwhile is erased by a second pass; what comes later, when its event comes.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

import structlog

from analytics.erasure_store import Due, ErasedKind, ErasureStore, Found, kind_of
from analytics.errors import LogRefused, LogUnavailable, StoreRefused, StoreUnavailable
from analytics.log_eraser import LogEraser, Removed
from schemas import subjects
from schemas.events import (
    HistoryEvent,
    PromptDied,
    PromptSubmitted,
)
from schemas.ids import made_at_ms
from schemas.streams import ACK_WAIT_S, DAY_S

# By then a worker that has lost its claim has noticed, and no write to the store is on its way.
_AGAIN_AFTER_S = max(2 * ACK_WAIT_S, 15.0)
_SWEEP_PERIOD_S = 2.0
_COUNTED_WITHIN_S = 1.0

# Far more than the token log is kept for (an hour by default): a purge of nothing costs a request.
_FRAMES_LIVE_MS = 30 * DAY_S * 1000

log = structlog.get_logger(__name__)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Erasure:
    """Erases by events, and what comes too late."""

    def __init__(
        self, store: ErasureStore, eraser: LogEraser, again_after_s: float = _AGAIN_AFTER_S
    ) -> None:
        self._store = store
        self._log = eraser
        self._again_after_s = again_after_s
        self._noted: dict[ErasedKind, asyncio.Event] = {
            "conversation": asyncio.Event(),
            "user": asyncio.Event(),
        }
        # Conversations of which something was written after their erasure was noted.
        self._late: set[tuple[str, str]] = set()

    async def begin(self, user_id: str, conversation_id: str, reason: str, at_ms: int) -> None:
        """Note the erasure of a conversation, or (``""``) of a user, and have it done at once.

        The work is not done here: it may take long, and other events of the history wait for this.
        """
        await self._store.note(user_id, conversation_id, reason, at_ms)
        self._noted[kind_of(conversation_id)].set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Erase what is due, what was noted here at once, until cancelled or ``stopping``.

        A user's erasure may take minutes, and no conversation's waits for it.
        """
        async with asyncio.TaskGroup() as tasks:
            for kind in self._noted:
                tasks.create_task(self._keep_sweeping(kind, stopping), name=f"erase-{kind}")

    async def _keep_sweeping(self, kind: ErasedKind, stopping: asyncio.Event) -> None:
        noted = self._noted[kind]
        while not stopping.is_set():
            try:
                await self._sweep(kind, _now_ms())
            except (StoreUnavailable, StoreRefused, LogUnavailable) as error:
                log.warning("erasures_postponed", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(_SWEEP_PERIOD_S):
                    await noted.wait()
            noted.clear()

    async def sweep(self, now_ms: int) -> None:
        """Erase what is due by now; two processes that do so at once do no harm."""
        for kind in self._noted:
            await self._sweep(kind, now_ms)

    async def _sweep(self, kind: ErasedKind, now_ms: int) -> None:
        if kind == "conversation":
            while self._late:
                user_id, conversation_id = self._late.pop()
                with _refusal_logged(kind):
                    await self._erase_again(user_id, conversation_id)
        for due in await self._store.due(kind, now_ms + 1):
            with _refusal_logged(kind):
                await self._erase(due)

    async def _erase(self, due: Due) -> None:
        found = await self._store.find(due.user_id, due.conversation_id)
        removed = Removed()
        try:
            reply_ids = await self._erase_found(due, found, removed)
        except BaseException:
            # The next pass finds the rest alone. This must not take the place of what went wrong,
            # nor hold up a process that stops.
            with suppress(StoreUnavailable, StoreRefused, TimeoutError):
                async with asyncio.timeout(_COUNTED_WITHIN_S):
                    await self._store.count(due, found, removed)
            raise
        await self._store.count(due, found, removed)
        if due.again:
            await self._store.settled(due)
            return
        again_at_ms = _now_ms() + round(self._again_after_s * 1000)
        await self._store.report(due, again_at_ms=again_at_ms, reply_ids=reply_ids)
        log.info("erased", kind=due.kind, **asdict(removed))

    async def _erase_found(self, due: Due, found: Found, removed: Removed) -> frozenset[str]:
        """Return the replies that were erased."""
        reply_ids = found.reply_ids | due.reply_ids
        if due.conversation_id:
            await self._erase_conversation(
                due.user_id, due.conversation_id, found.log_seqs, reply_ids, removed
            )
        else:
            reply_ids |= await self._replies_in_log(due.user_id)
            await self._erase_user(due.user_id, reply_ids, removed)
        return reply_ids

    async def _erase_again(self, user_id: str, conversation_id: str) -> None:
        """Erase at once what the pass that is still to come would find."""
        due = Due(user_id, conversation_id, again=True, reply_ids=frozenset())
        await self._erase_found(due, await self._store.find(user_id, conversation_id), Removed())

    async def _erase_conversation(
        self,
        user_id: str,
        conversation_id: str,
        log_seqs: frozenset[int],
        reply_ids: frozenset[str],
        removed: Removed,
    ) -> None:
        await self._log.delete_events(log_seqs, removed)
        await self._delete_dead_letters(user_id, conversation_id, removed)
        for reply_id in _with_frames(reply_ids):
            await self._log.purge_reply(reply_id, removed)
        # Only now: the documents alone know what else is to be removed.
        await self._store.forget(user_id, conversation_id)

    async def _erase_user(self, user_id: str, reply_ids: frozenset[str], removed: Removed) -> None:
        """Do the same for everything of a user."""
        # What people can see goes at once; the log knows all that is needed for the rest.
        await self._store.forget(user_id, "")
        for reply_id in _with_frames(reply_ids):
            await self._log.overwrite_reply(reply_id, removed)
        # Last: it alone knows the replies then.
        await self._log.overwrite_facts(user_id, removed)
        # That may have taken minutes, in which events came that were on their way.
        await self._store.forget(user_id, "")

    async def erase_late(self, event: HistoryEvent) -> None:
        """Erase an event that came after its conversation or user was erased.

        It was written just before, and its documents say where it is in the log: another pass
        finds it, soon.
        """
        conversation_id = getattr(event, "conversation_id", None) or ""
        if await self._store.is_erased(event.user_id, conversation_id):
            await self._store.due_again(event.user_id, conversation_id, _now_ms())
            if conversation_id:
                self._late.add((event.user_id, conversation_id))
            for noted in self._noted.values():
                noted.set()
            log.info("event_came_after_erasure")

    async def _replies_in_log(self, user_id: str) -> frozenset[str]:
        """Return the replies that the history does not know, such as temporary ones."""
        prompts = self._log.facts(subjects.prompts_of_user(user_id))
        return frozenset(
            [event.reply_id async for _, event in prompts if isinstance(event, PromptSubmitted)]
        )

    async def _delete_dead_letters(
        self, user_id: str, conversation_id: str, removed: Removed
    ) -> None:
        letters = self._log.facts(subjects.dead_letters_of_user(user_id))
        sequences = [
            sequence
            async for sequence, event in letters
            if isinstance(event, PromptDied) and event.prompt.conversation_id == conversation_id
        ]
        await self._log.delete_events(sequences, removed)


@contextmanager
def _refusal_logged(kind: ErasedKind) -> Iterator[None]:
    """Let no other erasure wait for one that the log refuses; that one stays due."""
    try:
        yield
    except LogRefused as error:
        log.error("erasure_refused", kind=kind, error=str(error))


def _with_frames(reply_ids: frozenset[str]) -> list[str]:
    """Return those that are young enough to have frames."""
    return [reply for reply in reply_ids if _now_ms() - made_at_ms(reply) < _FRAMES_LIVE_MS]
