"""``/api/export``, ``/api/import`` and the export of one conversation."""

from typing import Any

from sanic import HTTPResponse, Request
from sanic.response import raw

from gateway.errors import BadRequest, BodyTooLarge
from gateway.idempotency import idempotency_key
from gateway.json_response import CONTENT_TYPE, json_response
from gateway.request_body import read_body
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services
from gateway.transfer.attachment import disposition
from gateway.transfer.exporting import Exporting, everything_disposition
from gateway.transfer.importing import MAX_IMPORT_BYTES, Importing

_MARKDOWN = "text/markdown; charset=utf-8"
_TOO_LARGE = (
    f"An import has at most {MAX_IMPORT_BYTES >> 20} MiB; split the file by its conversations."
)


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    transfer = Transfer(services)
    app.add_route(
        transfer.conversation,
        "/api/conversations/<conversation_id>/export",
        methods=["GET"],
        name="export_conversation",
    )
    app.add_route(transfer.everything, "/api/export", methods=["GET"], name="export_everything")
    app.add_route(
        reading_body(transfer.bring),
        "/api/import",
        methods=["POST"],
        name="import_conversations",
        stream=True,
    )


class Transfer:
    """Gives people their conversations as files, and takes files."""

    def __init__(self, services: Services) -> None:
        self._callers = services.callers
        self._exporting = Exporting(
            services.conversation_reader, services.history, services.position
        )
        self._importing = Importing(services.link, services.conversation_log, services.position)

    async def conversation(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Return one conversation as a file."""
        principal = await self._callers.caller(request)
        form = request.args.get("format", "json")
        if form not in ("json", "markdown"):
            raise BadRequest("`format` must be 'json' or 'markdown'.", param="format")
        stored = await self._exporting.conversation(principal.user_id, conversation_id)
        if form == "json":
            body, suffix, kind = await self._exporting.as_json(stored), "json", CONTENT_TYPE
        else:
            body, suffix, kind = await self._exporting.as_markdown(stored), "md", _MARKDOWN
        return raw(body, headers=disposition(stored.title, suffix), content_type=kind)

    async def everything(self, request: Request) -> None:
        """Stream all of the user's conversations as one file."""
        principal = await self._callers.caller(request)
        pieces = self._exporting.everything(principal.user_id)
        # What fails before the first piece can still be an HTTP error.
        first = await anext(pieces)
        response = await request.respond(
            headers=everything_disposition(), content_type=CONTENT_TYPE
        )
        ended = False
        try:
            await response.send(first)
            async for piece in pieces:
                await response.send(piece)
            await response.eof()
            ended = True
        finally:
            transport: Any = request.transport
            if not ended and transport is not None:
                # Else half of a file would look like the whole of it.
                transport.abort()

    async def bring(self, request: Request) -> HTTPResponse:
        """Import a file, and say what came of it."""
        principal = await self._callers.caller(request)
        key = idempotency_key(request)
        with self._importing.place():
            try:
                body = await read_body(request, MAX_IMPORT_BYTES)
            except BodyTooLarge as error:
                raise BodyTooLarge(_TOO_LARGE) from error
            return json_response(await self._importing.run(principal.user_id, body, key))
