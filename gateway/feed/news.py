"""What devices hear, as types; SSE and the WebSocket send the same fields."""

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from gateway.feed.feed_cursor import FeedCursor
from schemas.events import Status


class ConversationNews(Struct, kw_only=True, omit_defaults=True):
    """Something happened to a conversation; fields that did not change are left out.

    Without any field it says that the conversation is to be read again. ``share_id`` is ``""``
    once the public link is taken back.
    """

    conversation_id: str
    change: Literal["created", "changed", "deleted", "imported"]
    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    model: str | None = None
    system: str | None = None
    leaf_id: str | None = None
    share_id: str | None = None


class RunningReply(Struct, kw_only=True, omit_defaults=True):
    """A reply that has not ended; ``parent_id`` is the message that the prompt answers."""

    reply_id: str
    conversation_id: str | None
    user_message_id: str
    assistant_message_id: str
    temporary: bool
    parent_id: str | None = None


class ReplyNews(RunningReply, kw_only=True, omit_defaults=True):
    """A prompt was accepted, or its reply has ended, and then how; read it by its id."""

    state: Literal["running", "finished"]
    status: Status | None = None


class RunningNews(Struct, kw_only=True, omit_defaults=True):
    """The replies that run at this moment; what follows is news.

    ``reset``: the cursor is older than the log, so what came in between is not known any more.
    """

    replies: list[RunningReply]
    reset: Annotated[bool, Meta(description="Read the list of conversations again")] = False


Message = ConversationNews | ReplyNews | RunningNews


class News(NamedTuple):
    """A message, and where its reader stands once it has it."""

    cursor: FeedCursor
    message: Message
