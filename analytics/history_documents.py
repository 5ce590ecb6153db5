"""Turn events into the documents of the history.

Pure: no store, no clock. The same events give the same documents in whatever order and however
often they come, so a dropped history can be rebuilt from the log.
"""

from typing import NamedTuple

from analytics.conversation_fold import asked_in
from analytics.storable import storable
from schemas.documents import MessageDocument, MessageStatus, search_text
from schemas.events import (
    ImportedMessage,
    MessagesImported,
    PromptSubmitted,
    ReplyFinished,
    TurnEvent,
)


class SubmittedMessages(NamedTuple):
    """What a prompt adds to its conversation."""

    question: MessageDocument
    answer: MessageDocument


def belongs_to_history(event: TurnEvent) -> bool:
    """Tell whether an event is kept: temporary chats and generated titles are not."""
    return not event.temporary and event.kind == "chat"


def messages_of_prompt(event: PromptSubmitted, sequence: int) -> SubmittedMessages:
    """Return the user's message and the pending answer; ``sequence`` is the event's."""
    answer = _answer(event, "pending", sequence)
    if event.omitted_messages:
        answer["omitted_messages"] = event.omitted_messages
    return SubmittedMessages(_question(event), answer)


def imported_messages(event: MessagesImported, sequence: int) -> list[MessageDocument]:
    """Return messages that were written elsewhere, as they are kept here."""
    return [_imported(event, message, sequence) for message in event.messages]


def finished_answer(event: ReplyFinished, sequence: int) -> MessageDocument:
    """Return the assistant's message as it ended."""
    answer = _answer(event, event.status, sequence)
    answer["content"] = storable(event.text)
    answer["search"] = search_text(event.user_id, answer["content"])
    answer["finished_at_ms"] = event.finished_at_ms
    if event.finish_reason is not None:
        answer["finish_reason"] = event.finish_reason
    if event.error is not None:
        answer["error"] = {
            "code": storable(event.error.code),
            "message": storable(event.error.message),
        }
    return answer


def _question(event: PromptSubmitted) -> MessageDocument:
    content = storable(asked_in(event.messages))
    question = MessageDocument(
        _id=event.user_message_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        parent_id=event.parent_id or "",
        reply_id=event.reply_id,
        role="user",
        content=content,
        search=search_text(event.user_id, content),
        model=event.model,
        status="sent",
        created_at_ms=event.submitted_at_ms,
        log_seqs=[],
    )
    if not event.conversation_id:
        # Nothing else holds the turns that a bare completion brought along.
        question["messages"] = [
            {"role": message.role, "content": storable(message.content)}
            for message in event.messages
        ]
    return question


def _answer(event: TurnEvent, status: MessageStatus, sequence: int) -> MessageDocument:
    return MessageDocument(
        _id=event.assistant_message_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        parent_id=event.user_message_id,
        reply_id=event.reply_id,
        role="assistant",
        content="",
        search="",
        model=event.model,
        status=status,
        created_at_ms=event.submitted_at_ms,
        log_seqs=[sequence],
    )


def _imported(event: MessagesImported, message: ImportedMessage, sequence: int) -> MessageDocument:
    content = storable(message.content)
    return MessageDocument(
        _id=message.message_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id,
        parent_id=message.parent_id,
        reply_id="",
        role=message.role,
        content=content,
        search=search_text(event.user_id, content),
        model=storable(message.model),
        status="sent" if message.role == "user" else "completed",
        created_at_ms=message.created_at_ms,
        log_seqs=[sequence],
    )
