"""Turn events into the documents of the history.

Pure: no store, no clock. The same events give the same documents in whatever order and however
often they come, so a dropped history can be rebuilt from the log.
"""

import zlib
from typing import NamedTuple

from analytics.storable import storable
from schemas.documents import ConversationDocument, MessageDocument, MessageStatus
from schemas.events import ChatMessage, PromptSubmitted, ReplyFinished, TurnEvent

# A user's list is ordered by one integer: milliseconds, and three digits that tell apart
# conversations of the same millisecond. It stays below 2**53 for the next two centuries.
_RANKS_PER_MS = 1_000


class SubmittedDocuments(NamedTuple):
    """What a prompt adds; ``conversation`` is ``None`` for a bare chat completion."""

    conversation: ConversationDocument | None
    question: MessageDocument
    answer: MessageDocument


def belongs_to_history(event: TurnEvent) -> bool:
    """Tell whether an event is kept: temporary chats and generated titles are not."""
    return not event.temporary and event.kind == "chat"


def documents_of_prompt(event: PromptSubmitted) -> SubmittedDocuments:
    """Return the conversation, the user's message and the pending answer."""
    return SubmittedDocuments(_conversation(event), _question(event), _answer(event, "pending"))


def finished_answer(event: ReplyFinished) -> MessageDocument:
    """Return the assistant's message as it ended."""
    answer = _answer(event, event.status)
    answer["content"] = storable(event.text)
    answer["finished_at_ms"] = event.finished_at_ms
    if event.finish_reason is not None:
        answer["finish_reason"] = event.finish_reason
    if event.error is not None:
        answer["error"] = {
            "code": storable(event.error.code),
            "message": storable(event.error.message),
        }
    return answer


def _conversation(event: PromptSubmitted) -> ConversationDocument | None:
    if not event.conversation_id:
        return None
    return ConversationDocument(
        _id=event.conversation_id,
        user_id=event.user_id,
        title="",
        model=event.model,
        created_at_ms=event.submitted_at_ms,
        updated_at_ms=event.submitted_at_ms,
        rank=_rank(event.conversation_id, event.submitted_at_ms),
        last_reply_id=event.reply_id,
    )


def _rank(conversation_id: str, updated_at_ms: int) -> int:
    return updated_at_ms * _RANKS_PER_MS + zlib.crc32(conversation_id.encode()) % _RANKS_PER_MS


def _question(event: PromptSubmitted) -> MessageDocument:
    question = MessageDocument(
        _id=event.user_message_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        parent_id=event.parent_id or "",
        reply_id=event.reply_id,
        role="user",
        content=storable(_asked(event.messages)),
        model=event.model,
        status="sent",
        created_at_ms=event.submitted_at_ms,
    )
    if not event.conversation_id:
        # Nothing else holds the turns that a bare completion brought along.
        question["messages"] = [
            {"role": message.role, "content": storable(message.content)}
            for message in event.messages
        ]
    return question


def _asked(messages: tuple[ChatMessage, ...]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _answer(event: TurnEvent, status: MessageStatus) -> MessageDocument:
    return MessageDocument(
        _id=event.assistant_message_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        parent_id=event.user_message_id,
        reply_id=event.reply_id,
        role="assistant",
        content="",
        model=event.model,
        status=status,
        created_at_ms=event.submitted_at_ms,
    )
