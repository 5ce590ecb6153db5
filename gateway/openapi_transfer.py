"""Describe import and export for the OpenAPI document. Pure."""

from typing import Any

import msgspec

from gateway import responses
from gateway.openapi_parts import Operation, content, json_answer, path_parameter
from gateway.transfer.export_format import ExportedConversations

TRANSFER_TYPES: tuple[type[msgspec.Struct], ...] = (
    ExportedConversations,
    responses.ImportReport,
)
_STRING = {"type": "string"}
_CALLER = (401, 403, 503)
_ATTACHMENT = {
    "Content-Disposition": {"description": "The file's name, from the title", "schema": _STRING}
}
_FORMAT = {
    "name": "format",
    "in": "query",
    "description": "`json` holds all branches, `markdown` the one that is shown",
    "schema": {"type": "string", "enum": ["json", "markdown"], "default": "json"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeat with the same key imports nothing twice, and only what is missing",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def transfer_operations() -> list[Operation]:
    """Return what brings conversations in and out."""
    return [
        Operation(
            "/api/conversations/{conversation_id}/export",
            "get",
            "export_conversation",
            "Download one conversation",
            {200: _one_conversation()},
            (400, 404, *_CALLER),
            parameters=(path_parameter("conversation_id", _STRING), _FORMAT),
        ),
        Operation(
            "/api/export",
            "get",
            "export_everything",
            "Download all my conversations, those that changed last at the end",
            {200: _file("All conversations")},
            _CALLER,
        ),
        Operation(
            "/api/import",
            "post",
            "import_conversations",
            "Import a file of this shape, or ChatGPT's `conversations.json` (a list) as it is; at "
            "most 32 MiB",
            {200: json_answer("What was imported, and what was not", responses.ImportReport)},
            (400, 413, 429, *_CALLER),
            body=ExportedConversations,
            parameters=(_KEY,),
        ),
    ]


def _file(description: str) -> dict[str, Any]:
    return json_answer(description, ExportedConversations, headers=_ATTACHMENT)


def _one_conversation() -> dict[str, Any]:
    answer = _file("The file")
    answer["content"] = content(ExportedConversations) | {"text/markdown": {"schema": _STRING}}
    return answer
