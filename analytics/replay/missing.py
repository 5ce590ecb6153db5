"""What the past no longer has, and whether the live projection knows more than that.

Messages leave the log because they were erased or temporary, and then nobody misses them; or by
their age, or by an operator's purge. The broker does not say which. The documents of the history
do: each names the events that it was made of, and goes when they are erased.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from analytics.replay.erased import Erased
from analytics.store_client import Document, Store, store_errors
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES

# Each with the field that says which conversation a document belongs to.
_NAMING_EVENTS = ((CONVERSATIONS, "_id"), (MESSAGES, "conversation_id"))


class Missing(NamedTuple):
    """A range of sequences that neither log nor archive has, both ends included.

    What follows it was stored at ``until_ms``, by the broker's clock; ``None``: nothing follows.
    """

    first: int
    last: int
    until_ms: int | None


async def has_history(store: Store) -> bool:
    """Tell whether there is any conversation or message."""
    async with store_errors():
        for name, _ in _NAMING_EVENTS:
            if await store[CHAT_DATABASE][name].find_one({}, {"user_id": 1}) is not None:
                return True
    return False


async def history_knows(store: Store, missing: Sequence[Missing], erased: Erased) -> bool:
    """Tell whether a live conversation or message was made of events that are missing.

    What is being erased does not count.
    """
    for name, conversation in _NAMING_EVENTS:
        fields = {"log_seqs": 1, "seqs": 1, "user_id": 1, conversation: 1}
        async with store_errors():
            async for document in store[CHAT_DATABASE][name].find({}, fields):
                if erased.holds(document["user_id"], document[conversation]):
                    continue
                if any(_is_missing(sequence, missing) for sequence in _events_of(document)):
                    return True
    return False


def _events_of(document: Document) -> list[int]:
    seqs: dict[str, Any] = document.get("seqs", {})
    return [*document.get("log_seqs", ()), *seqs.values()]


def _is_missing(sequence: int, missing: Sequence[Missing]) -> bool:
    return any(first <= sequence <= last for first, last, _ in missing)
