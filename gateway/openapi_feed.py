"""Describe the feed of a user's devices for the OpenAPI document. Pure."""

from typing import Any

import msgspec

from gateway.feed.news import ConversationNews, ReplyNews, RunningNews, RunningReply
from gateway.openapi_parts import Operation, events

FEED_TYPES: tuple[type[msgspec.Struct], ...] = (
    RunningNews,
    RunningReply,
    ConversationNews,
    ReplyNews,
)


def feed_operations(cursors: tuple[dict[str, Any], ...]) -> list[Operation]:
    """Return what a device may listen to; ``cursors`` are the parameters that resume."""
    return [
        Operation(
            "/api/events",
            "get",
            "read_events",
            "Hear what the user's other devices do, as server-sent events. `event: running` comes "
            "first and lists the replies that run; then `event: conversation` and `event: reply` "
            "follow as things happen. `id:` is a cursor: with it there is no `running`, but all "
            "that was missed. One that is older than the log is answered with a `running` that "
            "has `reset`. At most 8 at once",
            {200: {"description": "The events; they have no end", "content": _news()}},
            (400, 401, 403, 429, 503),
            parameters=cursors,
        )
    ]


def _news() -> dict[str, Any]:
    described = events(RunningNews, ConversationNews, ReplyNews)
    ids = (
        '"reply_id":"01M7YCKF10HRX7XAFF1ZTXM5R6ONGPCBZAFZ",'
        '"conversation_id":"01M7YCKF100ZSDG6WJVG5FKNCV",'
        '"user_message_id":"01M7YCKF10A8X4DYZ71M52F7RX",'
        '"assistant_message_id":"01M7YCKF10W0YWDTZ67GVD2TN1","temporary":false'
    )
    renamed = '{"conversation_id":"01M7YCKF100ZSDG6WJVG5FKNCV","change":"changed","title":"Rivers"}'
    described["text/event-stream"]["examples"] = {
        "running": _example("running", 1041, f'{{"replies":[{{{ids}}}]}}'),
        "renamed": _example("conversation", 1042, renamed),
        "ended": _example("reply", 1043, f'{{{ids},"state":"finished","status":"completed"}}'),
    }
    return described


def _example(name: str, sequence: int, data: str) -> dict[str, str]:
    return {"value": f"event: {name}\nid: c-{sequence}\ndata: {data}\n\n"}
