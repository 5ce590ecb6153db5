"""What a user does with their conversations: list, read, search, change, share and delete them.

Changes are events on the log of facts, from which the consumer ``history`` makes the documents
that are read here; every read waits until the history has what its user did before.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from gateway.cancellation import Cancellation
from gateway.conversations.branches import parents_first, shown_branch
from gateway.conversations.conversation_log import ConversationLog, now_ms
from gateway.conversations.erasures import ErasureReader, ErasureReport, finished_report
from gateway.conversations.history_position import HistoryPosition
from gateway.conversations.lookup import FoundConversation, find_conversation, missing
from gateway.conversations.ports import ConversationReader, Place, StoredConversation
from gateway.conversations.search_terms import phrases_of
from gateway.conversations.shared_reads import SharedReads
from gateway.errors import GatewayError
from gateway.history import FoundMessage, HistoryReader, StoredMessage
from gateway.queue_locations import QueueLocations
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    Feedback,
    Sampling,
)
from schemas.ids import new_ulid

_MESSAGES_FOUND = 200
_CANCELS_AT_ONCE = 8
# An erasure takes a moment; a long conversation's, or one without a consumer, is not waited for.
_ERASED_WITHIN_S = 3.0


class ConversationPage(NamedTuple):
    """Some of the list; ``following`` is what the next page takes, ``None`` at the end."""

    conversations: list[StoredConversation]
    following: Place | None


class OpenConversation(NamedTuple):
    """A conversation with its whole tree, and the ids of the branch that is shown.

    ``is_whole`` if the history had all that its user did before.
    """

    conversation: StoredConversation
    messages: list[StoredMessage]
    branch: list[str]
    is_whole: bool = True


class SearchHit(NamedTuple):
    """A conversation that was found by its title, by messages, or both; newest first."""

    conversation: StoredConversation
    by_title: bool
    messages: list[FoundMessage]


class Conversations:
    """Every method raises ``NotFound`` for a conversation that is not this user's.

    Where the history is behind what the user did, and may have it later, ``HistoryBehind``.
    """

    def __init__(
        self,
        reader: ConversationReader,
        history: HistoryReader,
        conversation_log: ConversationLog,
        position: HistoryPosition,
        erasures: ErasureReader,
        cancellation: Cancellation,
        locations: QueueLocations,
    ) -> None:
        self._reader = reader
        self._history = history
        self._log = conversation_log
        self._position = position
        self._erasures = erasures
        self._cancellation = cancellation
        self._locations = locations
        self._pages = SharedReads[ConversationPage]()
        self._opened = SharedReads[OpenConversation]()

    async def page(
        self, user_id: str, *, archived: bool, after: Place | None, limit: int
    ) -> ConversationPage:
        """Return a page of the list, or of the archive."""
        return await self._pages.read(
            (user_id, archived, after, limit),
            lambda: self._page(user_id, archived=archived, after=after, limit=limit),
        )

    async def _page(
        self, user_id: str, *, archived: bool, after: Place | None, limit: int
    ) -> ConversationPage:
        await self._position.wait_for(user_id)
        found = await self._reader.page(user_id, archived=archived, after=after, limit=limit + 1)
        shown = found[:limit]
        return ConversationPage(shown, shown[-1].place if len(found) > limit else None)

    async def open(self, user_id: str, conversation_id: str) -> OpenConversation:
        """Return a conversation and its messages."""
        return await self._opened.read(
            (user_id, conversation_id), lambda: self._open(user_id, conversation_id)
        )

    async def _open(self, user_id: str, conversation_id: str) -> OpenConversation:
        conversation, is_whole = await self._find(user_id, conversation_id)
        messages = parents_first(await self._history.conversation(user_id, conversation_id))
        branch = shown_branch(messages, conversation.leaf_id)
        return OpenConversation(conversation, messages, [m.message_id for m in branch], is_whole)

    async def search(self, user_id: str, text: str, limit: int) -> list[SearchHit]:
        """Return the conversations that have all words and quoted phrases of ``text``."""
        phrases = phrases_of(text)
        await self._position.wait_for(user_id)
        titled = await self._reader.with_title(user_id, phrases, limit)
        found = await self._history.search(user_id, phrases, _MESSAGES_FOUND)
        by_conversation: defaultdict[str, list[FoundMessage]] = defaultdict(list)
        for message in found:
            by_conversation[message.conversation_id].append(message)
        ids = list(dict.fromkeys([*titled, *by_conversation]))
        hits = [
            SearchHit(c, c.conversation_id in titled, by_conversation[c.conversation_id])
            for c in await self._reader.some(user_id, ids)
        ]
        return sorted(hits, key=lambda hit: -hit.conversation.updated_at_ms)[:limit]

    async def create(
        self, user_id: str, *, title: str, model: str, system: str, sampling: Sampling | None
    ) -> StoredConversation:
        """Make a conversation without messages."""
        at_ms = now_ms()
        event = ConversationCreated(
            conversation_id=new_ulid(at_ms),
            user_id=user_id,
            at_ms=at_ms,
            title=title,
            model=model,
            system=system,
            sampling=sampling,
        )
        await self._position.wait_until(await self._log.publish(event))
        stored = await self._reader.one(user_id, event.conversation_id)
        return stored or _as_created(event)

    async def change(
        self, user_id: str, conversation_id: str, **changes: Any
    ) -> StoredConversation:
        """Change what ``changes`` names (fields of ``ConversationChanged``)."""
        before, is_whole = await self._find(user_id, conversation_id)
        if leaf_id := changes.get("leaf_id"):
            messages = await self._history.conversation(user_id, conversation_id)
            _refuse_foreign_message(messages, leaf_id, is_whole=is_whole)
        changes = {name: value for name, value in changes.items() if value is not None}
        if not changes:
            return before
        event = ConversationChanged(
            conversation_id=conversation_id, user_id=user_id, at_ms=now_ms(), **changes
        )
        if await self._position.wait_until(await self._log.publish(event)):
            return await self._reader.one(user_id, conversation_id) or before
        return _as_changed(before, changes)

    async def give_feedback(self, user_id: str, conversation_id: str, feedback: Feedback) -> None:
        """Keep what a user thinks of one answer; raises ``NotFound`` if there is none such."""
        opened = await self.open(user_id, conversation_id)
        answers = {m.message_id for m in opened.messages if m.role == "assistant"}
        if feedback.message_id not in answers:
            raise missing(
                "This conversation has no such answer; check the id of the message.",
                is_whole=opened.is_whole,
            )
        event = ConversationChanged(
            conversation_id=conversation_id, user_id=user_id, at_ms=now_ms(), feedback=feedback
        )
        await self._position.wait_until(await self._log.publish(event))

    async def share(
        self, user_id: str, conversation_id: str, leaf_id: str | None
    ) -> StoredConversation:
        """Share the branch up to a message, by default all that is shown, by a new link."""
        opened = await self.open(user_id, conversation_id)
        if leaf_id is None:
            leaf_id = opened.branch[-1] if opened.branch else ""
        else:
            _refuse_foreign_message(opened.messages, leaf_id, is_whole=opened.is_whole)
        return await self.change(
            user_id, conversation_id, share_id=new_ulid(), share_leaf_id=leaf_id
        )

    async def shared(self, share_id: str) -> OpenConversation | None:
        """Return what a public link shows: a conversation with the messages of one branch.

        An answer that is still to come is shown once it has come.
        """
        conversation = await self._reader.shared(share_id)
        if conversation is None:
            return None
        messages = await self._history.conversation(
            conversation.user_id, conversation.conversation_id
        )
        branch = [
            message
            for message in _up_to(messages, conversation.share_leaf_id)
            if message.content or message.role == "user"
        ]
        return OpenConversation(conversation, branch, [m.message_id for m in branch])

    async def delete(self, user_id: str, conversation_id: str) -> ErasureReport | None:
        """Erase a conversation for good; ``None`` if it is accepted but not done yet."""
        opened = await self.open(user_id, conversation_id)
        event = ConversationDeleted(
            conversation_id=conversation_id, user_id=user_id, at_ms=now_ms()
        )
        await self._log.publish(event, f"deleted:{user_id}:{conversation_id}")
        await self.cancel_pending(user_id, opened.messages)
        report = await finished_report(self._erasures, user_id, conversation_id, _ERASED_WITHIN_S)
        # Whoever reads a reply of it now must not be told to wait for it.
        self._locations.forget(message.reply_id for message in opened.messages)
        return report

    async def cancel_pending(self, user_id: str, messages: Sequence[StoredMessage]) -> None:
        """Stop the replies that run; one that cannot be stopped now is erased when it ends."""
        room = asyncio.Semaphore(_CANCELS_AT_ONCE)

        async def cancel(reply_id: str) -> None:
            async with room:
                with suppress(GatewayError):
                    await self._cancellation.cancel(user_id, reply_id)

        pending = [message.reply_id for message in messages if message.status == "pending"]
        await asyncio.gather(*(cancel(reply_id) for reply_id in pending))

    async def _find(self, user_id: str, conversation_id: str) -> FoundConversation:
        return await find_conversation(self._reader, self._position, user_id, conversation_id)


def _refuse_foreign_message(
    messages: Sequence[StoredMessage], message_id: str, *, is_whole: bool
) -> None:
    if message_id not in {message.message_id for message in messages}:
        raise missing(
            "This conversation has no such message; check the id.",
            is_whole=is_whole,
            param="leaf_id",
        )


def _up_to(messages: Sequence[StoredMessage], leaf_id: str) -> list[StoredMessage]:
    """Return the branch that ends with a message."""
    branch = shown_branch(messages, leaf_id)
    ids = [message.message_id for message in branch]
    return branch[: ids.index(leaf_id) + 1] if leaf_id in ids else []


def _as_created(event: ConversationCreated) -> StoredConversation:
    """Return what the history will have; it is behind at the moment."""
    return StoredConversation(
        conversation_id=event.conversation_id,
        user_id=event.user_id,
        title=event.title,
        model=event.model,
        system=event.system,
        sampling=_sampling(event.sampling),
        pinned=False,
        archived=False,
        created_at_ms=event.at_ms,
        updated_at_ms=event.at_ms,
        rank=0,
        leaf_id="",
        share_id="",
        share_leaf_id="",
        feedback={},
    )


def _as_changed(before: StoredConversation, changes: dict[str, Any]) -> StoredConversation:
    sampling = changes.get("sampling")
    plain = {**changes, "sampling": _sampling(sampling)} if sampling is not None else changes
    return before._replace(**plain)


def _sampling(sampling: Sampling | None) -> dict[str, Any]:
    plain: dict[str, Any] = {} if sampling is None else msgspec.to_builtins(sampling)
    return plain
