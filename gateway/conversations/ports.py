"""What the gateway asks of the stored conversations."""

from typing import Any, NamedTuple, Protocol


class StoredConversation(NamedTuple):
    """One conversation of a user; ``rank`` is its place in the list, the first highest.

    ``sampling`` holds the defaults of its prompts, in ``Sampling``'s names. ``leaf_id`` is a
    message of the branch that was chosen last, ``share_id`` ``""`` while it is not shared.
    ``feedback`` has ``rating`` and ``reason`` by the id of the answer.
    """

    conversation_id: str
    user_id: str
    title: str
    model: str
    system: str
    sampling: dict[str, Any]
    pinned: bool
    archived: bool
    created_at_ms: int
    updated_at_ms: int
    rank: int
    leaf_id: str
    share_id: str
    share_leaf_id: str
    feedback: dict[str, dict[str, str]]

    @property
    def place(self) -> "Place":
        """Its place in the list."""
        return Place(self.rank, self.conversation_id)


class Place(NamedTuple):
    """A place in the list; imported conversations may have the same rank."""

    rank: int
    conversation_id: str


class ConversationReader(Protocol):
    """Reads conversations; every method raises ``StoreUnavailable``."""

    async def one(self, user_id: str, conversation_id: str) -> StoredConversation | None:
        """Return a user's conversation."""

    async def page(
        self, user_id: str, *, archived: bool, after: Place | None, limit: int
    ) -> list[StoredConversation]:
        """Return those of the list, or of the archive, from a place in it on.

        The pinned ones come first, then the newest.
        """

    async def upwards(self, user_id: str, *, rank: int, limit: int) -> list[StoredConversation]:
        """Return those of all kinds with this rank or a higher one, the oldest first."""

    async def shared(self, share_id: str) -> StoredConversation | None:
        """Return the conversation that a public link shows, whoever's it is."""

    async def some(self, user_id: str, conversation_ids: list[str]) -> list[StoredConversation]:
        """Return those of these that there are, in any order."""

    async def with_title(self, user_id: str, phrases: list[str], limit: int) -> list[str]:
        """Return the ids of conversations whose title has all of these words or phrases."""
