"""A log that only remembers what was to be erased; ``test_erasure`` has the real one."""

from collections.abc import AsyncIterator, Iterable

from analytics.errors import LogRefused
from schemas.events import Event


class MemoryLog:
    """Numbers events, and notes what is removed; events at the places ``refused`` are not."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self.deleted: set[int] = set()
        self.purged: set[str] = set()
        self.users: set[str] = set()
        self.refused: set[int] = set()

    def place_of(self, event: Event) -> int:
        """Return the event's place; the first one is 1."""
        return self._places.setdefault(repr(event).encode(), len(self._places) + 1)

    async def delete_events(self, sequences: Iterable[int]) -> int:
        """Note them; return how many are new."""
        if not self.refused.isdisjoint(sequences := set(sequences)):
            raise LogRefused
        new = sequences - self.deleted
        self.deleted |= new
        return len(new)

    async def overwrite_facts(self, user_id: str) -> int:
        """Note the user."""
        self.users.add(user_id)
        return 0

    async def purge_reply(self, reply_id: str) -> int:
        """Note the reply."""
        self.purged.add(reply_id)
        return 0

    async def overwrite_reply(self, reply_id: str) -> int:
        """Note the reply."""
        return await self.purge_reply(reply_id)

    async def facts(self, subject: str) -> AsyncIterator[tuple[int, Event]]:
        """Hold nothing."""
        del subject
        for nothing in ():
            yield nothing
