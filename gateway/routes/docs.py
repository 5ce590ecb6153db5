"""``/docs`` and ``/openapi.json``: the description of everything here, with its own assets."""

from importlib import resources

from sanic import HTTPResponse, Request
from sanic.response import raw

from gateway.json_response import CONTENT_TYPE, encode_json
from gateway.openapi import openapi_document
from gateway.services import Application, Services

_ASSETS = {
    "docs": ("docs.html", "text/html; charset=utf-8"),
    "docs/docs.js": ("docs.js", "text/javascript; charset=utf-8"),
    "docs/docs.css": ("docs.css", "text/css; charset=utf-8"),
}
# The page needs nothing but its own three files and the document.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def register(app: Application, _: Services) -> None:
    """Add the routes."""
    static = resources.files("gateway") / "static"
    document = encode_json(openapi_document())

    def serve(path: str, body: bytes, content_type: str) -> None:
        async def asset(_: Request) -> HTTPResponse:
            return raw(body, content_type=content_type, headers=_HEADERS)

        app.add_route(asset, path, methods=["GET"], name=path.replace("/", "_").replace(".", "_"))

    serve("openapi.json", document, CONTENT_TYPE)
    for path, (name, content_type) in _ASSETS.items():
        serve(path, (static / name).read_bytes(), content_type)
