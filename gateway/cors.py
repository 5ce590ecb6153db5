"""Let pages of the origins that are listed call us: cross-origin resource sharing.

https://fetch.spec.whatwg.org/#http-cors-protocol. Others get no header of it, so that browsers
keep answers from them. Cookies are ``SameSite=Strict`` and only come from pages of the same site.
"""

from sanic import HTTPResponse, Request
from sanic.response import BaseHTTPResponse

from gateway.accounts.cookies import CSRF_HEADER
from gateway.origin import is_listed
from gateway.services import Application

_NO_CONTENT = 204
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = f"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, {CSRF_HEADER}"
_EXPOSED = "X-Reply-Id, Retry-After, Content-Disposition"
_PREFLIGHT_HOLDS_S = "600"


def allow_listed_origins(app: Application, origins: tuple[str, ...]) -> None:
    """Answer the preflights of pages of ``origins``, and let them read what is answered."""

    async def preflight(request: Request) -> HTTPResponse | None:
        asks = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        if not asks or not listed(request):
            return None
        headers = {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_HOLDS_S,
        }
        return HTTPResponse(status=_NO_CONTENT, headers=headers)

    async def share(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.add("Vary", "Origin")
        if listed(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED

    def listed(request: Request) -> bool:
        origin = request.headers.get("origin")
        return origin is not None and is_listed(origin, origins)

    if origins:
        app.register_middleware(preflight, "request")
        app.register_middleware(share, "response")
