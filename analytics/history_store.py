"""Write the history: conversations and messages.

Each write is one guarded update of one document, so events may come in any order, repeatedly and
to several processes at once. Ties are broken by the events themselves: the earliest prompt owns
the user's message, the ``end`` that finished first owns the answer, and a conversation is folded
field by field (``conversation_fold.py``).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from analytics.conversation_fold import blank_conversation
from analytics.errors import StoreRefused
from analytics.grouping import Grouping
from analytics.history_documents import SubmittedMessages
from analytics.store_client import (
    Collection,
    Store,
    ensure_indexes,
    ensure_text_index,
    insert_new,
    refuse_other_than_duplicates,
    store_errors,
)
from schemas.documents import (
    CHAT_DATABASE,
    CONVERSATIONS,
    MESSAGES,
    RANKS_PER_SHELF,
    ConversationDocument,
    MessageDocument,
)

# One field for each equality alone, and a pair for each two equalities, or equality and range: the
# embedded store uses a two-field index for nothing else. Without the pair it looks by the user.
_CONVERSATION_INDEXES = (
    ["user_id"],
    ["user_id", "rank"],
    ["user_id", "updated_at_ms"],
    ["share_id"],
    ["touched_at_ms"],
)
_MESSAGE_INDEXES = (
    ["conversation_id"],
    ["conversation_id", "user_id"],
    ["conversation_id", "created_at_ms"],
    ["reply_id"],
    ["reply_id", "user_id"],
    ["user_id"],
    ["user_id", "status"],
)
_TEXT = "search"
_OPTIONAL = ("finish_reason", "error")
# Of a conversation that others change in the same moment.
_TRIES = 200
_REMEMBERED = 2_000

Fold = Callable[[ConversationDocument], ConversationDocument]


class HistoryStore(Protocol):
    """Where the history is kept; all raise ``StoreUnavailable``, ``StoreRefused``, ``NotStorable``.

    Documents of another user with the same id are left alone.
    """

    async def prepare(self) -> None:
        """Make what the store needs before the first write."""

    async def add_turn(self, messages: SubmittedMessages) -> None:
        """Keep the user's message and, unless it is there, the answer."""

    async def finish_answer(self, answer: MessageDocument) -> None:
        """Keep the answer; of several ends the one that finished first counts."""

    async def add_messages(self, messages: Sequence[MessageDocument]) -> None:
        """Keep messages that never change."""

    async def fold_conversation(self, conversation_id: str, user_id: str, fold: Fold) -> None:
        """Replace the conversation by what ``fold`` makes of it, or of a blank one."""


class MongoHistoryStore:
    """The history in MongoDB."""

    def __init__(self, store: Store, database: str = CHAT_DATABASE) -> None:
        self._conversations: Collection = store[database][CONVERSATIONS]
        self._messages: Collection = store[database][MESSAGES]
        # Who talks goes on talking: most conversations that change were written here just before.
        self._written: OrderedDict[str, ConversationDocument] = OrderedDict()
        self._turns = Grouping(self._add_turns)
        self._ends = Grouping(self._finish_answers)
        self._new = Grouping(self._insert_all)
        self._changed = Grouping(self._replace_all)

    async def prepare(self) -> None:
        """Make the indexes."""
        async with store_errors():
            await ensure_indexes(self._conversations, _CONVERSATION_INDEXES)
            await ensure_indexes(self._messages, _MESSAGE_INDEXES)
            await ensure_text_index(self._conversations, _TEXT)
            await ensure_text_index(self._messages, _TEXT)
            # Those of an earlier version would be missing in lists, which ask for the fields.
            await self._conversations.update_many(
                {"pinned": {"$exists": False}},
                {
                    # Their age counts from now on: nobody knows better.
                    "$set": {"pinned": False, "archived": False, "touched_at_ms": _now_ms()},
                    "$inc": {"rank": RANKS_PER_SHELF},
                },
            )
            # By it alone two processes see that they have changed the same conversation.
            await self._conversations.update_many(
                {"revision": {"$exists": False}}, {"$set": {"revision": ""}}
            )

    async def add_turn(self, messages: SubmittedMessages) -> None:
        """Keep the user's message and, unless it is there, the answer."""
        await self._turns.add(messages)

    async def finish_answer(self, answer: MessageDocument) -> None:
        """Keep the answer; of several ends the one that finished first counts."""
        await self._ends.add(answer)

    async def _add_turns(self, turns: Sequence[SubmittedMessages]) -> Sequence[None]:
        documents = [{**document} for turn in turns for document in turn]
        async with store_errors():
            try:
                await self._messages.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                refuse_other_than_duplicates(error)
                failures = error.details.get("writeErrors", [])
                for repeated in {failure["index"] // 2 for failure in failures}:
                    await self._add_repeated_turn(*turns[repeated])
        return [None] * len(turns)

    async def _finish_answers(self, answers: Sequence[MessageDocument]) -> Sequence[None]:
        if len(answers) > 1:
            updates = [UpdateOne(_pending(answer), _ending(answer)) for answer in answers]
            async with store_errors():
                done = await self._messages.bulk_write(updates, ordered=False)
            if done.matched_count == len(answers):
                return [None] * len(answers)
        # Some had ended, or their prompts are not here yet; to end one again changes nothing.
        for answer in answers:
            await self._finish_answer(answer)
        return [None] * len(answers)

    async def _finish_answer(self, answer: MessageDocument) -> None:
        async with store_errors():
            if await self._finish_pending(answer):
                return
            try:
                await self._messages.insert_one({**answer})
            except DuplicateKeyError:
                # It is finished already, or its prompt was added in this moment.
                if not await self._finish_pending(answer):
                    await self._finish_earlier(answer)

    async def add_messages(self, messages: Sequence[MessageDocument]) -> None:
        """Keep messages that never change."""
        async with store_errors():
            try:
                await self._messages.insert_many([{**m} for m in messages], ordered=False)
            except BulkWriteError as error:
                refuse_other_than_duplicates(error)

    async def fold_conversation(self, conversation_id: str, user_id: str, fold: Fold) -> None:
        """Replace the conversation by what ``fold`` makes of it, or of a blank one."""
        async with store_errors():
            for _ in range(_TRIES):
                old = await self._known(conversation_id, user_id)
                if old is None:
                    new = fold(blank_conversation(conversation_id, user_id))
                    if await self._insert_new(new) or not await self._is_ours(
                        conversation_id, user_id
                    ):
                        return
                    continue
                new = fold(old)
                # Also where nothing is new: it may have been erased.
                if await self._replace(old, new):
                    return
        raise StoreRefused(f"the conversation changes too fast: {conversation_id}")

    async def _known(self, conversation_id: str, user_id: str) -> ConversationDocument | None:
        """Return the conversation: as it was last written here, else as it is."""
        known = self._written.get(conversation_id)
        if known is not None and known["user_id"] == user_id:
            return known
        found = await self._conversations.find_one({"_id": conversation_id, "user_id": user_id})
        if found is None:
            return None
        # An earlier version's has fewer fields.
        blank = blank_conversation(conversation_id, user_id)
        return cast("ConversationDocument", {**blank, **found})

    def _wrote(self, new: ConversationDocument) -> None:
        self._written[new["_id"]] = new
        if len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)

    async def _insert_new(self, new: ConversationDocument) -> bool:
        added = await self._new.add(new)
        if added:
            self._wrote(new)
        return added

    async def _insert_all(self, new: Sequence[ConversationDocument]) -> Sequence[bool]:
        return await insert_new(self._conversations, [{**one} for one in new])

    async def _is_ours(self, conversation_id: str, user_id: str) -> bool:
        found = await self._conversations.find_one({"_id": conversation_id})
        return found is None or found["user_id"] == user_id

    async def _replace(self, old: ConversationDocument, new: ConversationDocument) -> bool:
        if await self._changed.add((old, new)):
            self._wrote(new)
            return True
        # Another process, or an erasure, was here.
        self._written.pop(old["_id"], None)
        return False

    async def _replace_all(
        self, changes: Sequence[tuple[ConversationDocument, ConversationDocument]]
    ) -> Sequence[bool]:
        # Not `$set`: by that the embedded store keeps booleans as numbers.
        replacing = [ReplaceOne(_unchanged(old), {**new}) for old, new in changes]
        async with store_errors():
            done = await self._conversations.bulk_write(replacing, ordered=False)
            if done.matched_count == len(changes):
                return [True] * len(changes)
            ids = [new["_id"] for _, new in changes]
            rows = await self._conversations.find({"_id": {"$in": ids}}).to_list()
        revisions = {row["_id"]: row.get("revision") for row in rows}
        return [revisions.get(new["_id"]) == new["revision"] for _, new in changes]

    async def _add_repeated_turn(self, question: MessageDocument, answer: MessageDocument) -> None:
        """Add what a repeated event, or one that comes after the answer's end, still has to add."""
        await self._messages.update_one(
            {"_id": answer["_id"], "user_id": answer["user_id"]},
            {"$addToSet": {"log_seqs": {"$each": answer["log_seqs"]}}},
        )
        if omitted := answer.get("omitted_messages"):
            await self._messages.update_one(
                {"_id": answer["_id"], "user_id": answer["user_id"]},
                {"$set": {"omitted_messages": omitted}},
            )
        # A retry of the same question has a later reply: the question stays as its first prompt
        # had it, whichever came first.
        same_question = {"_id": question["_id"], "user_id": question["user_id"]}
        await self._messages.update_one(
            {**same_question, "reply_id": {"$gt": question["reply_id"]}},
            {"$set": {field: value for field, value in question.items() if field != "_id"}},
        )

    async def _finish_pending(self, answer: MessageDocument) -> bool:
        result = await self._messages.update_one(_pending(answer), _ending(answer))
        return result.matched_count > 0

    async def _finish_earlier(self, answer: MessageDocument) -> None:
        absent = {field: "" for field in _OPTIONAL if field not in answer}
        change = _ending(answer)
        if absent:
            change["$unset"] = {**absent}
        same = {"_id": answer["_id"], "user_id": answer["user_id"]}
        result = await self._messages.update_one(
            {**same, "finished_at_ms": {"$gt": answer["finished_at_ms"]}}, change
        )
        if not result.matched_count:
            # It does not count, but an erasure must find it.
            await self._messages.update_one(same, {"$addToSet": change["$addToSet"]})


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _unchanged(old: ConversationDocument) -> dict[str, str]:
    return {"_id": old["_id"], "user_id": old["user_id"], "revision": old["revision"]}


def _pending(answer: MessageDocument) -> dict[str, str]:
    return {"_id": answer["_id"], "user_id": answer["user_id"], "status": "pending"}


def _ending(answer: MessageDocument) -> dict[str, dict[str, object]]:
    """Return the update that ends an answer; the sequences of its events are a set."""
    kept = ("_id", "log_seqs")
    return {
        "$set": {field: value for field, value in answer.items() if field not in kept},
        "$addToSet": {"log_seqs": {"$each": answer["log_seqs"]}},
    }
