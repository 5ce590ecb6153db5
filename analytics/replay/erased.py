"""What may never come back: erased users and conversations, by the notes and by the events."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from analytics.replay.stored_event import StoredEvent
from analytics.store_client import Store, store_errors
from schemas.documents import CHAT_DATABASE, ERASURES
from schemas.events import ConversationDeleted, Event, PromptDied, UserErased, decode_event

# Of these the archive has folders.
ERASING_KINDS = ("ConversationDeleted", "UserErased")


@dataclass
class Erased:
    """Users, and conversations with their owners."""

    users: set[str] = field(default_factory=set)
    conversations: set[tuple[str, str]] = field(default_factory=set)

    def covers(self, event: Event) -> bool:
        """Tell whether an event belongs to something that is erased."""
        asked = event.prompt if isinstance(event, PromptDied) else event
        conversation_id = getattr(asked, "conversation_id", None) or ""
        return self.holds(asked.user_id, conversation_id)

    def holds(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether a user, or a conversation of theirs, is erased."""
        return user_id in self.users or (user_id, conversation_id) in self.conversations

    def add(self, events: Iterable[StoredEvent]) -> None:
        """Take what erases from some events; others, and what does not parse, mean nothing here."""
        for stored in events:
            try:
                event = decode_event(stored.payload)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, UserErased):
                self.users.add(event.user_id)
            elif isinstance(event, ConversationDeleted):
                self.conversations.add((event.user_id, event.conversation_id))

    async def add_notes(self, store: Store) -> None:
        """Take the notes of erasures; raises ``StoreUnavailable`` or ``StoreRefused``."""
        async with store_errors():
            notes = store[CHAT_DATABASE][ERASURES].find({}, {"user_id": 1})
            async for note in notes:
                _, dot, conversation_id = note["_id"].partition(".")
                if dot:
                    self.conversations.add((note["user_id"], conversation_id))
                else:
                    self.users.add(note["user_id"])

    async def add_all(self, batches: AsyncIterator[list[StoredEvent]]) -> None:
        """Take what erases from all of these."""
        async for batch in batches:
            self.add(batch)
