"""A log that only remembers what was to be erased; ``test_erasure`` has the real one."""

from collections.abc import AsyncIterator, Iterable

from analytics.errors import LogRefused, LogUnavailable
from analytics.log_eraser import Removed
from schemas.events import Event


class MemoryLog:
    """Numbers events, and notes what is removed; events at the places ``refused`` are not."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self.deleted: set[int] = set()
        self.purged: set[str] = set()
        self.users: set[str] = set()
        self.refused: set[int] = set()
        self.breaks_off = False

    def place_of(self, event: Event) -> int:
        """Return the event's place; the first one is 1."""
        return self._places.setdefault(repr(event).encode(), len(self._places) + 1)

    async def delete_events(self, sequences: Iterable[int], removed: Removed) -> None:
        """Note them."""
        if not self.refused.isdisjoint(sequences := set(sequences)):
            raise LogRefused
        removed.log_events += len(sequences - self.deleted)
        self.deleted |= sequences

    async def overwrite_facts(self, user_id: str, removed: Removed) -> None:
        """Note the user; break off after one event if that is wanted."""
        self.users.add(user_id)
        removed.log_events += 1
        if self.breaks_off:
            self.breaks_off = False
            raise LogUnavailable

    async def purge_reply(self, reply_id: str, removed: Removed) -> None:
        """Note the reply."""
        removed.reply_frames += reply_id not in self.purged
        self.purged.add(reply_id)

    async def overwrite_reply(self, reply_id: str, removed: Removed) -> None:
        """Note the reply."""
        await self.purge_reply(reply_id, removed)

    async def facts(self, subject: str) -> AsyncIterator[tuple[int, Event]]:
        """Hold nothing."""
        del subject
        for nothing in ():
            yield nothing
