"""Show conversations as the HTTP interface does. Pure."""

from collections.abc import Mapping

import msgspec

from gateway.conversations.conversations import OpenConversation, SearchHit
from gateway.conversations.erasures import ErasureReport
from gateway.conversations.ports import StoredConversation
from gateway.conversations.share_tokens import ShareTokens
from gateway.history import StoredMessage
from gateway.responses import (
    ConversationShown,
    ConversationSummary,
    ErasureShown,
    FeedbackShown,
    MessageFound,
    MessageShown,
    OpenedConversation,
    SearchHitShown,
    SharedConversation,
    SharedMessage,
)


class ConversationViews:
    """Conversations with the links of those that are shared."""

    def __init__(self, tokens: ShareTokens) -> None:
        self._tokens = tokens

    def summary(self, conversation: StoredConversation) -> ConversationSummary:
        """Return an entry of the list."""
        return ConversationSummary(
            conversation_id=conversation.conversation_id,
            title=conversation.title,
            model=conversation.model,
            pinned=conversation.pinned,
            archived=conversation.archived,
            shared=bool(conversation.share_id),
            created_at_ms=conversation.created_at_ms,
            updated_at_ms=conversation.updated_at_ms,
        )

    def detail(self, conversation: StoredConversation) -> ConversationShown:
        """Return a conversation with its settings."""
        share_id = conversation.share_id
        return ConversationShown(
            conversation_id=conversation.conversation_id,
            title=conversation.title,
            model=conversation.model,
            system=conversation.system,
            params=conversation.sampling,
            pinned=conversation.pinned,
            archived=conversation.archived,
            leaf_id=conversation.leaf_id or None,
            share_path=f"/api/shared/{self._tokens.token(share_id)}" if share_id else None,
            created_at_ms=conversation.created_at_ms,
            updated_at_ms=conversation.updated_at_ms,
        )

    def opened(self, opened: OpenConversation) -> OpenedConversation:
        """Return a conversation with its tree of messages."""
        feedback = opened.conversation.feedback
        return OpenedConversation(
            conversation=self.detail(opened.conversation),
            messages=[message_shown(m, feedback.get(m.message_id)) for m in opened.messages],
            branch=opened.branch,
        )

    def hit(self, hit: SearchHit) -> SearchHitShown:
        """Return what a search has found in one conversation."""
        messages = [
            MessageFound(
                message_id=message.message_id,
                role=message.role,
                created_at_ms=message.created_at_ms,
                excerpt=message.excerpt,
            )
            for message in hit.messages
        ]
        return SearchHitShown(
            conversation=self.summary(hit.conversation), by_title=hit.by_title, messages=messages
        )

    def shared(self, opened: OpenConversation) -> SharedConversation:
        """Return what everybody with the link sees: no ids, no settings, nobody's name."""
        return SharedConversation(
            title=opened.conversation.title,
            model=opened.conversation.model,
            messages=[
                SharedMessage(
                    role=message.role,
                    content=message.content,
                    created_at_ms=message.created_at_ms,
                )
                for message in opened.messages
            ],
        )


def message_shown(
    message: StoredMessage, feedback: Mapping[str, str] | None = None
) -> MessageShown:
    """Return one message of a tree, with what its owner thinks of it."""
    return MessageShown(
        message_id=message.message_id,
        parent_id=message.parent_id or None,
        role=message.role,
        content=message.content,
        status=message.status,
        model=message.model,
        reply_id=message.reply_id or None,
        created_at_ms=message.created_at_ms,
        finish_reason=message.finish_reason,
        error=message.error,
        omitted_messages=message.omitted_messages,
        feedback=None if feedback is None else msgspec.convert(feedback, FeedbackShown),
    )


def erasure_shown(report: ErasureReport | None) -> ErasureShown:
    """Return the report of an erasure, ``None``: it is on its way."""
    if report is None:
        return ErasureShown(status="accepted")
    return ErasureShown(
        status="erased",
        conversations=report.conversations,
        messages=report.messages,
        log_events=report.log_events,
        reply_frames=report.reply_frames,
    )
