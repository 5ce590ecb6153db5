"""Rebuild conversations and messages."""

from collections.abc import Sequence
from typing import Any, cast

from analytics.archive.rows import UNKNOWN_KINDS
from analytics.conversation_fold import (
    add_change,
    add_creation,
    add_import,
    add_prompt,
    add_title_prompt,
    blank_conversation,
    sealed,
)
from analytics.history_documents import finished_answer, imported_messages, messages_of_prompt
from analytics.history_store import MongoHistoryStore
from analytics.message_fold import with_end, with_import, with_pending, with_question
from analytics.replay.erased import Erased
from analytics.replay.folded_collection import Change, FoldedCollection, Folding
from analytics.replay.missing import Missing, history_knows
from analytics.replay.one_commit import OneCommit
from analytics.replay.rebuild import RebuiltCollection, rebuilt_database
from analytics.store_client import Document, Store
from schemas import subjects
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES, ConversationDocument
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    Event,
    MessagesImported,
    PromptSubmitted,
    ReplyFinished,
)

_FIELDS = len(blank_conversation("", ""))


class HistoryFold:
    """Folds events into changes of documents. Pure: where the changes go is passed in."""

    def __init__(
        self, conversations: Folding, messages: Folding, bare_since_ms: int | None = None
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        # Older completions without a conversation were forgotten, and no event says so.
        self._bare_since_ms = bare_since_ms

    def fold(self, event: Event, sequence: int) -> None:
        """Take one event, as ``history_consumer.py`` does."""
        if isinstance(event, PromptSubmitted | ReplyFinished):
            self._fold_turn(event, sequence)
        elif isinstance(event, MessagesImported):
            for message in imported_messages(event, sequence):
                self._message(message["_id"], with_import, message)
            self._conversation(event, sequence, add_import)
        elif isinstance(event, ConversationCreated):
            self._conversation(event, sequence, add_creation)
        elif isinstance(event, ConversationChanged):
            self._conversation(event, sequence, add_change)

    def _fold_turn(self, event: PromptSubmitted | ReplyFinished, sequence: int) -> None:
        if event.temporary or self._is_forgotten(event):
            return
        if event.kind == "title":
            self._conversation(event, sequence, add_title_prompt)
        elif isinstance(event, PromptSubmitted):
            question, answer = messages_of_prompt(event, sequence)
            self._message(question["_id"], with_question, question)
            self._message(answer["_id"], with_pending, answer)
            self._conversation(event, sequence, add_prompt)
        else:
            answer = finished_answer(event, sequence)
            self._message(answer["_id"], with_end, answer)

    def _is_forgotten(self, event: PromptSubmitted | ReplyFinished) -> bool:
        since_ms = self._bare_since_ms
        return (
            since_ms is not None and not event.conversation_id and event.submitted_at_ms < since_ms
        )

    def _message(self, key: str, fold: Any, document: Any) -> None:
        # A copy, since the fold may change what it was given, and may be asked again.
        self._messages.change(key, lambda old: fold(old, document.copy()))

    def _conversation(self, event: Any, sequence: int, add: Any) -> None:
        if event.conversation_id:
            self._conversations.change(
                event.conversation_id, _conversation_change(event, sequence, add)
            )


def _conversation_change(event: Any, sequence: int, add: Any) -> Change:
    def change(old: ConversationDocument | None) -> ConversationDocument:
        if old is None:
            old = blank_conversation(event.conversation_id, event.user_id)
        elif old["user_id"] != event.user_id:
            return old
        elif len(old) < _FIELDS:
            # A rebuild that an earlier version began has fewer.
            blank = blank_conversation(event.conversation_id, event.user_id)
            old = cast("ConversationDocument", {**blank, **old})
        add(old, event, sequence)
        return old

    return change


class HistoryRebuild:
    """The history, rebuilt into databases of its own."""

    subject = subjects.ALL_FACTS
    kinds = UNKNOWN_KINDS.union(
        {
            "PromptSubmitted",
            "ReplyFinished",
            "ConversationCreated",
            "ConversationChanged",
            "MessagesImported",
        }
    )

    def __init__(self, store: Store, name: str, bare_since_ms: int | None) -> None:
        database = rebuilt_database(CHAT_DATABASE, name)
        rebuilt, live = store[database], store[CHAT_DATABASE]
        self._rebuilt_store = MongoHistoryStore(store, database)
        commit = OneCommit(store)
        self.session_id = commit.session_id
        self._conversations = FoldedCollection(rebuilt[CONVERSATIONS], commit, sealed)
        self._messages = FoldedCollection(rebuilt[MESSAGES], commit)
        self._fold = HistoryFold(self._conversations, self._messages, bare_since_ms)
        self._store = store
        self.collections = (
            RebuiltCollection(
                CONVERSATIONS,
                live[CONVERSATIONS],
                rebuilt[CONVERSATIONS],
                ("log_seqs", "reply_ids"),
                conversation="_id",
            ),
            RebuiltCollection(MESSAGES, live[MESSAGES], rebuilt[MESSAGES], ("log_seqs",)),
        )

    def fold(self, event: Event, sequence: int) -> None:
        """Take one event, in memory."""
        self._fold.fold(event, sequence)

    async def write(self) -> None:
        """Write messages first: whoever sees a conversation finds its messages."""
        await self._messages.write()
        await self._conversations.write()

    async def finish(self) -> None:
        """Make the indexes, which would have made each write dearer."""
        await self._rebuilt_store.prepare()

    async def touched(self, documents: Sequence[Document], *, written: bool) -> None:
        """Nothing is derived from these documents."""

    async def knows(self, missing: Sequence[Missing], erased: Erased) -> bool:
        """Tell whether the live history was made of events that are missing."""
        return await history_knows(self._store, missing, erased)
