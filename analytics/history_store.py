"""Write the history: conversations and messages.

Each write is one guarded update of one document, so events may come in any order, repeatedly and
to several processes at once. Ties are broken by the events themselves: the earliest prompt owns
the user's message, the latest one the conversation's place in the list, and the ``end`` that
finished first owns the answer.
"""

from typing import Protocol

from pymongo.errors import BulkWriteError, DuplicateKeyError

from analytics.errors import StoreRefused
from analytics.history_documents import SubmittedDocuments
from analytics.store_client import Collection, Store, ensure_indexes, store_errors
from schemas.documents import (
    CHAT_DATABASE,
    CONVERSATIONS,
    MESSAGES,
    ConversationDocument,
    MessageDocument,
)

# One field for each equality, and a pair for each equality with a range: the embedded store uses
# a two-field index for nothing else.
_CONVERSATION_INDEXES = (["user_id"], ["user_id", "rank"])
_MESSAGE_INDEXES = (
    ["conversation_id"],
    ["conversation_id", "created_at_ms"],
    ["reply_id"],
    ["user_id"],
)
_OPTIONAL = ("finish_reason", "error")
_DUPLICATE_KEY = 11000


class HistoryStore(Protocol):
    """Where the history is kept."""

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def add_prompt(self, documents: SubmittedDocuments) -> None:
        """Keep a prompt; raises ``StoreUnavailable``, ``StoreRefused`` or ``NotStorable``."""

    async def finish_answer(self, answer: MessageDocument) -> None:
        """Keep a finished answer; raises as ``add_prompt`` does."""


class MongoHistoryStore:
    """The history in MongoDB."""

    def __init__(self, store: Store) -> None:
        self._conversations: Collection = store[CHAT_DATABASE][CONVERSATIONS]
        self._messages: Collection = store[CHAT_DATABASE][MESSAGES]

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._conversations, _CONVERSATION_INDEXES)
            await ensure_indexes(self._messages, _MESSAGE_INDEXES)

    async def add_prompt(self, documents: SubmittedDocuments) -> None:
        """Keep the conversation, the user's message and, unless it is there, the answer."""
        async with store_errors():
            # Messages first: whoever sees the conversation finds its messages.
            await self._add_messages(documents.question, documents.answer)
            if documents.conversation is not None:
                await self._add_conversation(documents.conversation)

    async def finish_answer(self, answer: MessageDocument) -> None:
        """Keep the answer; of several ends the one that finished first counts."""
        async with store_errors():
            if await self._finish_pending(answer):
                return
            try:
                await self._messages.insert_one({**answer})
            except DuplicateKeyError:
                # It is finished already, or its prompt was added in this moment.
                if not await self._finish_pending(answer):
                    await self._finish_earlier(answer)

    async def _add_messages(self, question: MessageDocument, answer: MessageDocument) -> None:
        try:
            await self._messages.insert_many([{**question}, {**answer}], ordered=False)
        except BulkWriteError as error:
            _refuse_other_than_duplicates(error)
            # A repeated event changes nothing here. A retry of the same question has a later
            # reply: the question stays as its first prompt had it, whichever came first.
            same_question = {"_id": question["_id"], "user_id": question["user_id"]}
            await self._messages.update_one(
                {**same_question, "reply_id": {"$gt": question["reply_id"]}},
                {"$set": _without_id(question)},
            )

    async def _add_conversation(self, conversation: ConversationDocument) -> None:
        try:
            await self._conversations.insert_one({**conversation})
        except DuplicateKeyError:
            same = {"_id": conversation["_id"], "user_id": conversation["user_id"]}
            await self._conversations.update_one(
                {**same, "created_at_ms": {"$gt": conversation["created_at_ms"]}},
                {"$set": {"created_at_ms": conversation["created_at_ms"]}},
            )
            await self._conversations.update_one(
                {**same, "last_reply_id": {"$lt": conversation["last_reply_id"]}},
                {
                    "$set": {
                        "last_reply_id": conversation["last_reply_id"],
                        "model": conversation["model"],
                        "rank": conversation["rank"],
                        "updated_at_ms": conversation["updated_at_ms"],
                    }
                },
            )

    async def _finish_pending(self, answer: MessageDocument) -> bool:
        result = await self._messages.update_one(
            {"_id": answer["_id"], "user_id": answer["user_id"], "status": "pending"},
            {"$set": _without_id(answer)},
        )
        return result.matched_count > 0

    async def _finish_earlier(self, answer: MessageDocument) -> None:
        absent = {field: "" for field in _OPTIONAL if field not in answer}
        change: dict[str, object] = {"$set": _without_id(answer)}
        if absent:
            change["$unset"] = absent
        await self._messages.update_one(
            {
                "_id": answer["_id"],
                "user_id": answer["user_id"],
                "finished_at_ms": {"$gt": answer["finished_at_ms"]},
            },
            change,
        )


def _without_id(document: MessageDocument) -> dict[str, object]:
    return {field: value for field, value in document.items() if field != "_id"}


def _refuse_other_than_duplicates(error: BulkWriteError) -> None:
    codes = {failure.get("code") for failure in error.details.get("writeErrors", [])}
    if codes != {_DUPLICATE_KEY}:
        raise StoreRefused(f"the store refused messages: {sorted(map(str, codes))}") from error
