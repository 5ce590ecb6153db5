"""Turn any exception into the one error shape of every route."""

import structlog
from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed as SanicMethodNotAllowed
from sanic.exceptions import NotFound as SanicNotFound
from sanic.exceptions import PayloadTooLarge, RequestCancelled, SanicException
from sanic.handlers import ErrorHandler
from sanic.response import raw

from gateway.errors import (
    INVALID_REQUEST,
    SERVER_ERROR,
    BadRequest,
    BodyTooLarge,
    ClientGone,
    GatewayError,
    MethodNotAllowed,
    NotFound,
    Unavailable,
)
from gateway.json_response import json_response
from gateway.responses import ErrorObject, ErrorResponse
from gateway.web_client import WebAnswer, WebClient
from schemas.cursor import BadCursor
from schemas.direct_get import LogUnavailable
from schemas.errors import ErrorCode

_SERVER_ERRORS = 500
_NOT_OUR_FAULT = (GatewayError, RequestCancelled)

log = structlog.get_logger(__name__)


def error_body(error: GatewayError) -> ErrorResponse:
    """Return the error as clients get it."""
    return ErrorResponse(
        error=ErrorObject(
            message=str(error), type=error.type, code=error.machine_code, param=error.param
        )
    )


def error_response(error: GatewayError) -> HTTPResponse:
    """Return the response that says what went wrong."""
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.reply_id is not None:
        headers["X-Reply-Id"] = error.reply_id
    if error.code in (ErrorCode.INVALID_API_KEY, ErrorCode.INVALID_TOKEN):
        headers["WWW-Authenticate"] = "Bearer"
    return json_response(error_body(error), error.status, headers)


class OneErrorShape(ErrorHandler):
    """The only exception handler of the application.

    What no route takes may be a page of the web client; everything else is an error.
    """

    def __init__(self, web_client: WebClient) -> None:
        super().__init__()
        self._web_client = web_client

    def response(self, request: Request, exception: BaseException) -> HTTPResponse:
        """Return the response to an exception."""
        return self.default(request, exception)

    def default(self, request: Request, exception: BaseException) -> HTTPResponse:
        """Return the response to an exception."""
        if isinstance(exception, SanicNotFound):
            answer = self._web_client.answer(request.method, request.path, request.headers)
            if answer is not None:
                return _web_response(answer)
        error = _as_gateway_error(exception)
        if error.code == ErrorCode.INTERNAL and not isinstance(exception, _NOT_OUR_FAULT):
            log.error("request_failed", path=request.path, exc_info=exception)
        return error_response(error)


def _web_response(answer: WebAnswer) -> HTTPResponse:
    return raw(
        answer.body,
        status=answer.status,
        headers=dict(answer.headers),
        content_type=answer.content_type,
    )


def _as_gateway_error(exception: BaseException) -> GatewayError:
    if isinstance(exception, GatewayError):
        return exception
    if isinstance(exception, RequestCancelled):
        return ClientGone()
    if isinstance(exception, LogUnavailable):
        return Unavailable(str(exception))
    if isinstance(exception, BadCursor):
        return BadRequest(str(exception), code=ErrorCode.BAD_CURSOR)
    if isinstance(exception, SanicNotFound):
        return NotFound("There is no such path; /docs lists all of them.")
    if isinstance(exception, SanicMethodNotAllowed):
        not_allowed = MethodNotAllowed()
        not_allowed.headers = dict(exception.headers)
        return not_allowed
    if isinstance(exception, PayloadTooLarge):
        return BodyTooLarge()
    if isinstance(exception, SanicException):
        return _of_sanic(exception)
    return GatewayError()


def _of_sanic(exception: SanicException) -> GatewayError:
    """Keep the status of what the server itself refuses: malformed HTTP, timeouts and the like."""
    status = exception.status_code or _SERVER_ERRORS
    if status >= _SERVER_ERRORS:
        error: GatewayError = Unavailable() if status == Unavailable.status else GatewayError()
        error.type = SERVER_ERROR
    else:
        error = BadRequest(f"{exception}. Correct the request and send it again.")
        error.type = INVALID_REQUEST
    error.status = status
    return error
