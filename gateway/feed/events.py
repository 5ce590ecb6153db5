"""Encode news as the events of ``GET /api/events``. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from gateway import sse
from gateway.feed.feed_cursor import format_feed_cursor
from gateway.feed.news import ConversationNews, Message, News, ReplyNews, RunningNews

NAMES: Final[dict[type[Message], str]] = {
    RunningNews: "running",
    ConversationNews: "conversation",
    ReplyNews: "reply",
}


def feed_events(news: Iterable[News]) -> bytes:
    """Return one event for each message."""
    return b"".join(
        sse.event(
            msgspec.json.encode(message),
            name=NAMES[type(message)],
            event_id=format_feed_cursor(cursor),
        )
        for cursor, message in news
    )
