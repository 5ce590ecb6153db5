"""Turn an event of the log of facts into what devices hear of it. Pure."""

from gateway.feed.feed_cursor import FeedCursor
from gateway.feed.news import ConversationNews, Message, News, ReplyNews, RunningReply
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    Event,
    MessagesImported,
    PromptSubmitted,
    ReplyFinished,
)
from schemas.ids import is_ulid, made_at_ms

# A first prompt's conversation id is made a moment before the prompt is accepted, with the count
# of its tokens in between. One that is older existed before: its first message was edited.
_MADE_TOGETHER_MS = 60_000


def news_of(event: Event, sequence: int) -> list[News]:
    """Return what the event with this sequence says, and the reader's cursor after each."""
    messages = _messages(event)
    last = len(messages) - 1
    return [
        News(FeedCursor(sequence, 0 if part == last else part + 1), message)
        for part, message in enumerate(messages)
    ]


def running_reply(prompt: PromptSubmitted) -> RunningReply:
    """Return what a device needs to know of a prompt's reply to join it."""
    return RunningReply(
        reply_id=prompt.reply_id,
        conversation_id=prompt.conversation_id,
        user_message_id=prompt.user_message_id,
        assistant_message_id=prompt.assistant_message_id,
        temporary=prompt.temporary,
        parent_id=prompt.parent_id,
    )


def _messages(event: Event) -> list[Message]:
    if isinstance(event, PromptSubmitted):
        return _of_prompt(event)
    if isinstance(event, ReplyFinished):
        return _of_finished(event)
    if isinstance(event, ConversationCreated):
        return [_created(event)]
    if isinstance(event, ConversationChanged):
        return [_changed(event)]
    if isinstance(event, ConversationDeleted):
        return [ConversationNews(conversation_id=event.conversation_id, change="deleted")]
    if isinstance(event, MessagesImported):
        return [ConversationNews(conversation_id=event.conversation_id, change="imported")]
    return []


def _of_prompt(event: PromptSubmitted) -> list[Message]:
    if event.kind != "chat":
        return []
    begun = ReplyNews(
        reply_id=event.reply_id,
        conversation_id=event.conversation_id,
        user_message_id=event.user_message_id,
        assistant_message_id=event.assistant_message_id,
        temporary=event.temporary,
        parent_id=event.parent_id,
        state="running",
    )
    if event.conversation_id is None or not _begins_conversation(event, event.conversation_id):
        return [begun]
    made = ConversationNews(
        conversation_id=event.conversation_id, change="created", model=event.model
    )
    return [made, begun]


def _begins_conversation(event: PromptSubmitted, conversation_id: str) -> bool:
    if event.temporary or event.parent_id is not None or not is_ulid(conversation_id):
        return False
    return abs(event.submitted_at_ms - made_at_ms(conversation_id)) < _MADE_TOGETHER_MS


def _of_finished(event: ReplyFinished) -> list[Message]:
    if event.kind == "chat":
        ended = ReplyNews(
            reply_id=event.reply_id,
            conversation_id=event.conversation_id,
            user_message_id=event.user_message_id,
            assistant_message_id=event.assistant_message_id,
            temporary=event.temporary,
            state="finished",
            status=event.status,
        )
        return [ended]
    if event.conversation_id is None or event.status != "completed":
        return []
    # Whether it is fit for a title the history decides: the conversation is to be read again.
    return [ConversationNews(conversation_id=event.conversation_id, change="changed")]


def _created(event: ConversationCreated) -> ConversationNews:
    return ConversationNews(
        conversation_id=event.conversation_id,
        change="created",
        title=event.title or None,
        model=event.model or None,
        system=event.system or None,
    )


def _changed(event: ConversationChanged) -> ConversationNews:
    return ConversationNews(
        conversation_id=event.conversation_id,
        change="changed",
        title=event.title,
        pinned=event.pinned,
        archived=event.archived,
        model=event.model,
        system=event.system,
        leaf_id=event.leaf_id,
        share_id=event.share_id,
    )
