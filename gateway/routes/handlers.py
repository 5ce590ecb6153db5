"""Make a bound method into a handler that reads its request's body itself.

Sanic marks such handlers with an attribute, which a bound method cannot have.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from sanic import HTTPResponse, Request

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


def reading_body(method: Handler) -> Handler:
    """Return a function that does the same."""

    async def handle(request: Request, **parts: Any) -> HTTPResponse:
        return await method(request, **parts)

    return handle
