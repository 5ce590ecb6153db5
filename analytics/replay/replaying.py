"""Fold the past into a rebuild, a batch at a time, and remember how far it has come.

Documents first, then the position: a crash between the two repeats a batch, which changes nothing.
"""

import asyncio
import time
from collections.abc import Callable

import structlog
from msgspec.structs import replace

from analytics.errors import NotStorable, ReplayRefused, StoreUnavailable, UnreadableEvent
from analytics.event_reading import read_event
from analytics.replay.erased import Erased
from analytics.replay.past_events import PastEvents
from analytics.replay.rebuild import Rebuild
from analytics.replay.replay_store import ReplayState, ReplayStore
from analytics.replay.stored_event import StoredEvent
from analytics.store_client import Store

# As many documents as the store takes in one request, about; what is folded is in memory.
_WRITE_EVERY = 4_000
_STORE_AGAIN_S = 1.0
_STORE_AWAY_S = 120.0

log = structlog.get_logger(__name__)

# Gets the position and the last sequence.
Progress = Callable[[int, int], None]


class Replay:
    """One rebuild; ``on_progress`` is told after each write."""

    def __init__(
        self,
        rebuild: Rebuild,
        past: PastEvents,
        states: ReplayStore,
        store: Store,
        on_progress: Progress = lambda _position, _last: None,
    ) -> None:
        self._rebuild = rebuild
        self._past = past
        self._states = states
        self._store = store
        self._on_progress = on_progress
        self.erased = Erased()

    async def begin(self, since: int | None) -> ReplayState:
        """Return the state to go on from: the one that there is, or that of a new rebuild.

        ``since`` is the first sequence of a part, ``None`` asks for the whole. Raises
        ``ReplayRefused`` when the past does not reach back so far, or the rebuild began elsewhere.
        """
        found = await self._states.load()
        if found is not None:
            if since is not None and since != found.since:
                raise ReplayRefused(
                    f"this rebuild began at sequence {found.since}: discard it, or choose "
                    "another name for one that begins elsewhere"
                )
            return found
        if since is None:
            self.erased = await self._past.erased(self._store)
            await self._check_reach(1)
        first = 1 if since is None else since
        state = ReplayState(since=first, position=first - 1, part=since is not None)
        await self._states.save(state)
        return state

    async def catch_up(self, state: ReplayState) -> ReplayState:
        """Fold what the past holds behind the state's position; return the new state."""
        await self._past.refresh()
        self.erased = await self._past.erased(self._store)
        last = self._past.state.last
        # What comes before a part is nothing that it lacks.
        if state.events or not state.part:
            await self._check_reach(state.position + 1)
        state = await self.fold_to(state, last)
        if not state.finished:
            await self._rebuild.finish()
        state = replace(state, position=max(last, state.position), finished=True)
        await self._states.save(state)
        self._on_progress(last, last)
        return state

    async def fold_to(self, state: ReplayState, last: int) -> ReplayState:
        """Fold and write what there is up to a sequence; return the new state."""
        since_write = 0
        batches = self._past.events(
            self._rebuild.subject, self._rebuild.kinds, state.position + 1, last
        )
        async for batch in batches:
            folded, unreadable = fold_batch(batch, self._rebuild, self.erased)
            state = replace(
                state,
                position=batch[-1].sequence,
                events=state.events + folded,
                unreadable=state.unreadable + len(unreadable),
                first_unreadable=state.first_unreadable or next(iter(unreadable), 0),
            )
            since_write += folded
            if since_write >= _WRITE_EVERY:
                await self._write(state)
                since_write = 0
                self._on_progress(state.position, last)
        await self._write(state)
        return state

    async def _write(self, state: ReplayState) -> None:
        give_up_at = time.monotonic() + _STORE_AWAY_S
        while time.monotonic() < give_up_at:
            try:
                await self._rebuild.write()
                await self._states.save(state)
            except StoreUnavailable as error:
                log.warning("replay_waits_for_store", error=str(error))
                await asyncio.sleep(_STORE_AGAIN_S)
            else:
                return
        raise StoreUnavailable("the store stayed away: start the replay again, and it goes on")

    async def _check_reach(self, first: int) -> None:
        """Refuse where the past lacks events from a sequence on that the projection has."""
        missing = await self._past.missing(first, self._past.state.last)
        if not missing or not await self._rebuild.knows(missing, self.erased):
            return
        raise ReplayRefused(
            f"log and archive lack events up to sequence {missing[-1].last}, and the live "
            "projection has some of them: it cannot be rebuilt as it is. Where an archive has "
            "them, set RIVULET_ARCHIVE_DIR to it; else `--since` rebuilds a part, which can be "
            "looked at and not be promoted"
        )


def fold_batch(batch: list[StoredEvent], rebuild: Rebuild, erased: Erased) -> tuple[int, list[int]]:
    """Fold some events; return how many there were, and the sequences of those unreadable.

    Those that the live projection sets aside as absurd are among them.
    """
    unreadable: list[int] = []
    fold = rebuild.fold
    for sequence, payload in batch:
        try:
            event = read_event(payload)
            if not erased.covers(event):
                fold(event, sequence)
        except (UnreadableEvent, NotStorable):
            unreadable.append(sequence)
    return len(batch), unreadable
