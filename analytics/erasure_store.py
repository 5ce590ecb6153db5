"""Erase documents, and remember what was erased so that nothing late brings it back.

First the note, then the documents: whoever writes a document looks for a note afterwards, so one of
the two sees the other.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal, NamedTuple, Protocol

from pymongo.errors import DuplicateKeyError

from analytics.grouping import Grouping
from analytics.log_eraser import Removed
from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from analytics.usage_erasure import UsageErasure
from schemas.documents import (
    ACCOUNTS_DATABASE,
    API_KEYS,
    CHAT_DATABASE,
    CONVERSATIONS,
    EMAILS,
    ERASURES,
    MESSAGES,
    QUARANTINE,
    QUARANTINE_DATABASE,
    SESSIONS,
    TITLES,
    USERS,
    ErasureDocument,
    erasure_id,
)

_DUE_AT_ONCE = 50

ErasedKind = Literal["conversation", "user"]


class Found(NamedTuple):
    """What the store holds of something that is to be erased."""

    conversations: int
    messages: int
    log_seqs: frozenset[int]
    reply_ids: frozenset[str]


class Due(NamedTuple):
    """An erasure that is to be done; ``conversation_id`` is ``""`` for a user's.

    ``again``: its report was written, and this is the second pass, also for ``reply_ids``.
    """

    user_id: str
    conversation_id: str
    again: bool
    reply_ids: frozenset[str]

    @property
    def kind(self) -> ErasedKind:
        """What is to be erased."""
        return kind_of(self.conversation_id)


class ErasureStore(Protocol):
    """Where erasures are noted and done; all raise ``StoreUnavailable`` or ``StoreRefused``."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def note(self, user_id: str, conversation_id: str, reason: str, at_ms: int) -> None:
        """Note that a conversation (``""``: the whole user) is erased from now on."""

    async def is_erased(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether the conversation or its user is erased."""

    async def find(self, user_id: str, conversation_id: str) -> Found:
        """Return what there is of a conversation, or of a user."""

    async def forget(self, user_id: str, conversation_id: str) -> None:
        """Delete the documents of a conversation, or of a user with account and usage."""

    async def due_again(self, user_id: str, conversation_id: str, now_ms: int) -> None:
        """Have an erasure that is over done once more."""

    async def count(self, due: Due, found: Found, removed: Removed) -> None:
        """Add to the report what a pass has found and removed."""

    async def report(self, due: Due, *, again_at_ms: int, reply_ids: frozenset[str]) -> None:
        """Note that all of it was removed, and when to look again, also for these replies."""

    async def due(self, kind: ErasedKind, now_ms: int) -> list[Due]:
        """Return some of those of a kind that are to be erased by now."""

    async def settled(self, due: Due) -> None:
        """Note that it is erased for good."""


class MongoErasureStore:
    """Erasures in MongoDB."""

    def __init__(self, store: Store) -> None:
        chat = store[CHAT_DATABASE]
        self._erasures: Collection = chat[ERASURES]
        self._conversations: Collection = chat[CONVERSATIONS]
        self._messages: Collection = chat[MESSAGES]
        self._titles: Collection = chat[TITLES]
        self._accounts = store[ACCOUNTS_DATABASE]
        self._usage = UsageErasure(store)
        self._asked = Grouping(self._are_erased)
        self._quarantine: Collection = store[QUARANTINE_DATABASE][QUARANTINE]

    async def prepare(self) -> None:
        """Make the index."""
        async with store_errors():
            await ensure_indexes(self._erasures, (["user_id"], ["due_at_ms"]))

    async def note(self, user_id: str, conversation_id: str, reason: str, at_ms: int) -> None:
        """Note that a conversation (``""``: the whole user) is erased from now on."""
        note = ErasureDocument(
            _id=erasure_id(user_id, conversation_id),
            user_id=user_id,
            kind=kind_of(conversation_id),
            reason=reason,
            requested_at_ms=at_ms,
            done_at_ms=0,
            conversations=0,
            messages=0,
            log_events=0,
            reply_frames=0,
            due_at_ms=at_ms,
            reply_ids=[],
        )
        async with store_errors():
            try:
                await self._erasures.insert_one({**note})
            except DuplicateKeyError:
                return

    async def is_erased(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether the conversation or its user is erased."""
        return await self._asked.add((user_id, conversation_id))

    async def _are_erased(self, asked: Sequence[tuple[str, str]]) -> Sequence[bool]:
        notes = [
            (erasure_id(user, ""), erasure_id(user, conversation)) for user, conversation in asked
        ]
        async with store_errors():
            rows = await self._erasures.find(
                {"_id": {"$in": list({note for pair in notes for note in pair})}}
            ).to_list()
        there = {row["_id"] for row in rows}
        return [not there.isdisjoint(pair) for pair in notes]

    async def find(self, user_id: str, conversation_id: str) -> Found:
        """Return what there is of a conversation, or of a user."""
        async with store_errors():
            conversations = await self._conversations.find(
                _of(user_id, "_id", conversation_id), {"log_seqs": 1, "reply_ids": 1}
            ).to_list()
            messages = await self._messages.find(
                _of(user_id, "conversation_id", conversation_id), {"log_seqs": 1, "reply_id": 1}
            ).to_list()
        every = [*conversations, *messages]
        replies = {message["reply_id"] for message in messages if message["reply_id"]}
        return Found(
            len(conversations),
            len(messages),
            frozenset(seq for document in every for seq in document.get("log_seqs", ())),
            frozenset(replies.union(*(c.get("reply_ids", ()) for c in conversations))),
        )

    async def forget(self, user_id: str, conversation_id: str) -> None:
        """Delete the documents of a conversation, or of a user with account and usage."""
        async with store_errors():
            await self._conversations.delete_many(_of(user_id, "_id", conversation_id))
            await self._messages.delete_many(_of(user_id, "conversation_id", conversation_id))
            await self._titles.delete_many(_of(user_id, "_id", conversation_id))
            await self._quarantine.delete_many(_of(user_id, "conversation_id", conversation_id))
            if conversation_id:
                return
            for name in (API_KEYS, SESSIONS, EMAILS):
                await self._accounts[name].delete_many({"user_id": user_id})
            await self._accounts[USERS].delete_one({"_id": user_id})
        await self._usage.forget(user_id)

    async def due_again(self, user_id: str, conversation_id: str, now_ms: int) -> None:
        """Have an erasure that is over done once more."""
        ids = [erasure_id(user_id, ""), erasure_id(user_id, conversation_id)]
        over = {"_id": {"$in": ids}, "due_at_ms": 0}
        async with store_errors():
            await self._erasures.update_many(over, {"$set": {"due_at_ms": now_ms}})

    async def count(self, due: Due, found: Found, removed: Removed) -> None:
        """Add to the report what a pass has found and removed.

        The documents are counted once: they go last of a conversation, first of a user.
        """
        change = {
            "$max": {"conversations": found.conversations, "messages": found.messages},
            "$inc": asdict(removed),
        }
        same = {"_id": erasure_id(due.user_id, due.conversation_id)}
        async with store_errors():
            await self._erasures.update_one(same, change)

    async def report(self, due: Due, *, again_at_ms: int, reply_ids: frozenset[str]) -> None:
        """Note that all of it was removed, and when to look again, also for these replies."""
        fields = {
            "done_at_ms": time.time_ns() // 1_000_000,
            "due_at_ms": again_at_ms,
            "reply_ids": sorted(reply_ids),
        }
        same = {"_id": erasure_id(due.user_id, due.conversation_id), "done_at_ms": 0}
        async with store_errors():
            # Of two processes that did it, the first has found more.
            await self._erasures.update_one(same, {"$set": fields})

    async def due(self, kind: ErasedKind, now_ms: int) -> list[Due]:
        """Return some of those of a kind that are to be erased by now."""
        late = {"kind": kind, "due_at_ms": {"$gt": 0, "$lt": now_ms}}
        async with store_errors():
            rows = await self._erasures.find(late).limit(_DUE_AT_ONCE).to_list()
        return [
            Due(
                row["user_id"],
                row["_id"].partition(".")[2],
                row["done_at_ms"] > 0,
                frozenset(row["reply_ids"]),
            )
            for row in rows
        ]

    async def settled(self, due: Due) -> None:
        """Note that it is erased for good."""
        same = {"_id": erasure_id(due.user_id, due.conversation_id)}
        async with store_errors():
            await self._erasures.update_one(same, {"$set": {"due_at_ms": 0, "reply_ids": []}})


def kind_of(conversation_id: str) -> ErasedKind:
    """Return what an erasure with this conversation's id, or ``""``, erases."""
    return "conversation" if conversation_id else "user"


def _of(user_id: str, field: str, conversation_id: str) -> dict[str, Any]:
    owner = {"user_id": user_id}
    return {**owner, field: conversation_id} if conversation_id else owner
