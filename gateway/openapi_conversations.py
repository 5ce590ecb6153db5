"""Describe the routes of conversations for the OpenAPI document. Pure."""

from typing import Any

import msgspec

from gateway import requests, responses
from gateway.openapi_parts import Operation, json_answer, path_parameter, query_parameter

CONVERSATION_TYPES: tuple[type[msgspec.Struct], ...] = (
    requests.NewConversation,
    requests.ConversationChange,
    requests.FeedbackRequest,
    requests.ShareRequest,
    responses.ConversationList,
    responses.ConversationShown,
    responses.OpenedConversation,
    responses.SearchResults,
    responses.SharedConversation,
    responses.ErasureShown,
)
_CALLER = (401, 403, 503)
_STRING = {"type": "string"}
_ID = path_parameter("conversation_id", _STRING)
_ONE = "/api/conversations/{conversation_id}"


def conversation_operations() -> list[Operation]:
    """Return what can be done with conversations."""
    shown = json_answer("The conversation", responses.ConversationShown)
    return [
        Operation(
            "/api/conversations",
            "get",
            "list_conversations",
            "List my conversations: pinned ones, then the newest",
            {200: json_answer("A page of the list", responses.ConversationList)},
            (400, *_CALLER),
            parameters=(
                query_parameter("after", _STRING, "`next` of the page before"),
                query_parameter("limit", _whole(200), "Conversations of a page; usually 30"),
                query_parameter("archived", {"type": "boolean"}, "true: the archived ones"),
            ),
        ),
        Operation(
            "/api/conversations",
            "post",
            "create_conversation",
            "Make a conversation with a system prompt and defaults; a prompt makes one by itself",
            {201: shown},
            (400, 413, *_CALLER),
            body=requests.NewConversation,
        ),
        Operation(
            _ONE,
            "get",
            "read_conversation",
            "Show a conversation with its tree of messages",
            {200: json_answer("The conversation", responses.OpenedConversation)},
            (404, *_CALLER),
            parameters=(_ID,),
        ),
        Operation(
            _ONE,
            "patch",
            "change_conversation",
            "Rename, pin, archive, choose a branch, or set defaults",
            {200: shown},
            (400, 404, 413, *_CALLER),
            body=requests.ConversationChange,
            parameters=(_ID,),
        ),
        Operation(
            _ONE,
            "delete",
            "delete_conversation",
            "Erase a conversation from the store and from both logs, for good",
            {
                200: json_answer("It is erased", responses.ErasureShown),
                202: json_answer("It is on its way", responses.ErasureShown),
            },
            (404, *_CALLER),
            parameters=(_ID,),
        ),
        Operation(
            f"{_ONE}/messages/{{message_id}}/feedback",
            "put",
            "give_feedback",
            "Say whether an answer is good or bad, and why",
            {200: json_answer("Kept", responses.Done)},
            (400, 404, 413, *_CALLER),
            body=requests.FeedbackRequest,
            parameters=(_ID, path_parameter("message_id", _STRING)),
        ),
        *_sharing_operations(shown),
        Operation(
            "/api/search",
            "get",
            "search",
            "Find conversations by words and quoted phrases of their titles and messages",
            {200: json_answer("What was found", responses.SearchResults)},
            (400, *_CALLER),
            parameters=(
                query_parameter(
                    "q",
                    {"type": "string", "minLength": 1, "maxLength": 200},
                    'Words and "quoted phrases"; all of them must be there',
                    required=True,
                ),
                query_parameter("limit", _whole(50), "Conversations; usually 20"),
            ),
        ),
    ]


def _sharing_operations(shown: dict[str, Any]) -> list[Operation]:
    return [
        Operation(
            f"{_ONE}/share",
            "post",
            "share_conversation",
            "Make a public link to a branch; an earlier link ends",
            {201: shown},
            (400, 404, 413, *_CALLER),
            body=requests.ShareRequest,
            parameters=(_ID,),
        ),
        Operation(
            f"{_ONE}/share",
            "delete",
            "unshare_conversation",
            "Take the public link back",
            {200: json_answer("Done", responses.Done)},
            (404, *_CALLER),
            parameters=(_ID,),
        ),
        Operation(
            "/api/shared/{token}",
            "get",
            "read_shared",
            "Show what a public link leads to",
            {200: json_answer("The branch", responses.SharedConversation)},
            (404, 503),
            parameters=(path_parameter("token", _STRING),),
            public=True,
        ),
    ]


def _whole(largest: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": largest}
