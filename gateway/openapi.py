"""Describe the HTTP interface as an OpenAPI document, from the types that the routes use. Pure."""

from typing import Any

import msgspec

from gateway import requests, responses
from gateway.openapi_accounts import ACCOUNT_TYPES, account_operations
from gateway.openapi_conversations import CONVERSATION_TYPES, conversation_operations
from gateway.openapi_feed import FEED_TYPES, feed_operations
from gateway.openapi_parts import (
    REFERENCE,
    Operation,
    content,
    events,
    json_answer,
    path_parameter,
)
from gateway.openapi_transfer import TRANSFER_TYPES, transfer_operations
from schemas.ids import REPLY_ID_FORM

_TYPES: tuple[type[msgspec.Struct], ...] = (
    requests.ChatCompletionRequest,
    requests.PromptRequest,
    responses.ChatCompletion,
    responses.ChatCompletionChunk,
    responses.Model,
    responses.ModelList,
    responses.AcceptedPrompt,
    responses.CancelledReply,
    responses.ReplyQueued,
    responses.ReplyDelta,
    responses.ReplyDone,
    responses.Alive,
    responses.Readiness,
    responses.ErrorResponse,
    *ACCOUNT_TYPES,
    *CONVERSATION_TYPES,
    *TRANSFER_TYPES,
    *FEED_TYPES,
)
_REASONS = {
    204: "The cursor is the reply's end: there is nothing left to read",
    400: "The request is not valid; `param` names the field",
    401: "No valid API key or access token, or a wrong password",
    403: "This may not be done: the scope is missing, registration needs a code, a page's "
    "`X-CSRF-Token` is missing, or its origin is foreign",
    404: "Not found",
    409: "The reply that this answers is not finished, or the address has an account",
    413: "The body is too large",
    422: "The Idempotency-Key was used for another request",
    426: "Not a WebSocket request",
    429: "A limit is reached: prompts that wait for the model (`queue_full`), replies of yours "
    "that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations "
    "(`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); "
    "`Retry-After` says when to try again",
    500: "The reply failed; `code` says why, for example `poison` or `engine_error`",
    503: "A part of the service is away; `Retry-After` says when to try again",
    504: "No worker began the reply before its deadline",
}


def openapi_document() -> dict[str, Any]:
    """Return the document."""
    _, components = msgspec.json.schema_components(_TYPES, ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in _operations():
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rivulet",
            "version": "0.1.0",
            "description": "A chat platform in which an accepted answer is never lost. "
            "`/v1` is compatible with OpenAI's API; `/ws` carries many replies on one WebSocket.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, or the access token of a session",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "rivulet_access",
                    "description": "A browser's session; what changes anything also needs the "
                    "cookie `rivulet_csrf` repeated in the header `X-CSRF-Token`",
                },
            },
        },
        "security": [{"api_key": []}, {"session": []}],
    }


def _describe(operation: Operation) -> dict[str, Any]:
    answers = {str(status): answer for status, answer in operation.answers.items()}
    for status in operation.refusals:
        answers[str(status)] = json_answer(_REASONS[status], responses.ErrorResponse)
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": answers,
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": content(operation.body)}
    if operation.public:
        described["security"] = []
    return described


def _operations() -> list[Operation]:
    return [
        *_openai_operations(),
        *_native_operations(),
        *conversation_operations(),
        *account_operations(),
        *transfer_operations(),
        *feed_operations(_CURSORS),
        *_public_operations(),
    ]


def _openai_operations() -> list[Operation]:
    completion = json_answer(
        "The whole completion", responses.ChatCompletion, headers=_REPLY_ID_HEADER
    )
    completion["content"] |= events(responses.ChatCompletionChunk, responses.ErrorResponse)
    return [
        Operation(
            "/v1/chat/completions",
            "post",
            "create_chat_completion",
            "Complete a chat, streaming or not",
            {200: completion},
            (400, 401, 404, 413, 422, 429, 500, 503, 504),
            body=requests.ChatCompletionRequest,
            parameters=(_IDEMPOTENCY_KEY,),
        ),
        Operation(
            "/v1/models",
            "get",
            "list_models",
            "List the models",
            {200: json_answer("Every known model", responses.ModelList)},
            (401, 503),
        ),
        Operation(
            "/v1/models/{model}",
            "get",
            "retrieve_model",
            "Show one model; its id may contain slashes",
            {200: json_answer("The model", responses.Model)},
            (401, 404, 503),
            parameters=(path_parameter("model", {"type": "string"}),),
        ),
    ]


def _native_operations() -> list[Operation]:
    stream = {"description": "The reply's events", "headers": _REPLY_ID_HEADER}
    return [
        Operation(
            "/api/prompts",
            "post",
            "submit_prompt",
            "Say something in a conversation; the reply runs to its end whoever listens",
            {202: json_answer("Accepted", responses.AcceptedPrompt, headers=_REPLY_ID_HEADER)},
            (400, 401, 404, 409, 413, 422, 429, 503),
            body=requests.PromptRequest,
            parameters=(_IDEMPOTENCY_KEY,),
        ),
        Operation(
            "/api/replies/{reply_id}/events",
            "get",
            "read_reply",
            "Read a reply as server-sent events, from any place in it. `id:` is a cursor; "
            "`event: queue` says where the reply stands while it waits for a worker, "
            "`event: attempt` says that another worker took over, `event: caught_up` that what "
            "follows is live",
            {
                200: {**stream, "content": _replyevents()},
                204: {"description": _REASONS[204]},
            },
            (400, 401, 404, 503),
            parameters=(_REPLY_ID, *_CURSORS),
        ),
        Operation(
            "/api/replies/{reply_id}/cancel",
            "post",
            "cancel_reply",
            "End a reply now, whether it waits or runs. Its text so far stays. A repeat returns "
            "the same",
            {200: _cancelled()},
            (401, 404, 413, 503),
            parameters=(_REPLY_ID,),
        ),
        Operation(
            "/api/replies/{reply_id}/retry",
            "post",
            "retry_reply",
            "Ask for another answer to the same message, beside the first one, which may still be "
            "running. 404 also when the log does not hold the prompt any more",
            {202: _accepted_again()},
            (400, 401, 404, 413, 422, 429, 503),
            parameters=(_REPLY_ID, _IDEMPOTENCY_KEY),
        ),
        Operation(
            "/ws",
            "get",
            "open_socket",
            "Open a WebSocket: prompts, cancels and any number of replies on one connection. Its "
            "messages, and the ways to send a key, are in docs/websocket.md",
            {101: {"description": "The WebSocket is open"}},
            (400, 403, 426, 503),
            parameters=(_CLIENT,),
            public=True,
        ),
    ]


def _public_operations() -> list[Operation]:
    def public(path: str, name: str, summary: str, answers: dict[int, dict[str, Any]]) -> Operation:
        return Operation(path, "get", name, summary, answers, public=True)

    def page(kind: str) -> dict[int, dict[str, Any]]:
        return {200: {"description": "The file", "content": {kind: {"schema": _STRING}}}}

    document = {"description": "The document", "content": {"application/json": {"schema": {}}}}
    return [
        public(
            "/healthz",
            "healthz",
            "Is the process alive",
            {200: json_answer("It is", responses.Alive)},
        ),
        public(
            "/readyz",
            "readyz",
            "Can prompts be answered",
            {
                200: json_answer("Yes", responses.Readiness),
                503: json_answer("No; a part is missing", responses.Readiness),
            },
        ),
        public("/openapi.json", "openapi_json", "This document", {200: document}),
        public("/docs", "docs", "This document as a page", page("text/html")),
        public("/docs/docs.js", "docs_docs_js", "The page's script", page("text/javascript")),
        public("/docs/docs.css", "docs_docs_css", "The page's style", page("text/css")),
    ]


def _replyevents() -> dict[str, Any]:
    shapes = (responses.ReplyDelta, responses.ReplyDone, responses.ReplyQueued)
    described = events(*shapes)
    described["text/event-stream"]["examples"] = {
        "waiting": {"value": 'event: queue\ndata: {"position":3,"eta_s":12}\n\n'},
        "text": {"value": 'id: EFGHIJ.1042.1.300.1234\ndata: {"delta":" sea","done":false}\n\n'},
    }
    return described


def _cancelled() -> dict[str, Any]:
    answer = json_answer(
        "Its one result: it may have ended otherwise just before. `slot_free` says whether its "
        "worker is known to have stopped",
        responses.CancelledReply,
        headers=_REPLY_ID_HEADER,
    )
    answer["content"]["application/json"]["examples"] = {
        "cancelled": _example(status="cancelled", slot_free=True),
        "ended_before": _example(status="completed", slot_free=True),
        "worker_silent": _example(status="cancelled", slot_free=False),
    }
    return answer


def _accepted_again() -> dict[str, Any]:
    answer = json_answer("Accepted", responses.AcceptedPrompt, headers=_REPLY_ID_HEADER)
    ids = {
        "conversation_id": "01KAHV3Y6Q0M9D4T8S2R5W7X1Z",
        "user_message_id": "01KAHV3Y6QAB3C5D7E9F0G2H4J",
        "assistant_message_id": "01KAHV3Y6QZ8Y6X4W2V0T1S3R5",
    }
    answer["content"]["application/json"]["examples"] = {"accepted": _example(**ids)}
    return answer


def _example(**fields: Any) -> dict[str, Any]:
    return {"value": {"reply_id": "01KAHV3Y6Q9V1B6T3N8C4K2E7MABCDEFGHIJ", **fields}}


_STRING = {"type": "string"}
_REPLY_ID_HEADER = {"X-Reply-Id": {"description": "The reply's id", "schema": _STRING}}
_REPLY_ID = path_parameter("reply_id", {"type": "string", "pattern": f"^{REPLY_ID_FORM}$"})
_CURSORS = (
    {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The cursor of the last event that was read; wins over `after`",
        "schema": _STRING,
    },
    {
        "name": "after",
        "in": "query",
        "description": "The cursor of the last event that was read",
        "schema": _STRING,
    },
)
_CLIENT = {
    "name": "client",
    "in": "query",
    "description": "What kind of client it is",
    "schema": {"type": "string", "enum": ["api", "web", "mobile"], "default": "api"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeat with the same key and body returns the same reply (for ten minutes)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
