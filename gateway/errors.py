"""What can go wrong between a request and its answer, as one small tree.

Every class has a machine-readable code and an HTTP status; ``error_responses`` turns any of them
into the one error shape of every route. A message is a sentence that says what to do.
"""

from typing import Final, Literal

from schemas.errors import ErrorCode, RivuletError

ErrorType = Literal["invalid_request_error", "rate_limit_error", "server_error"]
INVALID_REQUEST: Final = "invalid_request_error"
RATE_LIMIT: Final = "rate_limit_error"
SERVER_ERROR: Final = "server_error"


class GatewayError(RivuletError):
    """The gateway failed; try again, and tell the operator if it keeps happening."""

    status: int = 500
    type: ErrorType = SERVER_ERROR
    retry_after_s: int | None = None

    def __init__(
        self,
        message: str | None = None,
        *,
        param: str | None = None,
        code: ErrorCode | str | None = None,
    ) -> None:
        super().__init__(message)
        self.param = param
        self.machine_code = str(code or self.code)
        self.headers: dict[str, str] = {}
        # Set once a reply exists, so that also a refusal names it in ``X-Reply-Id``.
        self.reply_id: str | None = None


class BadRequest(GatewayError):
    """The request is not valid; correct it and send it again."""

    code = ErrorCode.INVALID_VALUE
    status = 400
    type = INVALID_REQUEST


class InvalidJson(BadRequest):
    """The body is not valid JSON in UTF-8; send a JSON object."""

    code = ErrorCode.INVALID_JSON


class InvalidType(BadRequest):
    """A field has the wrong type; correct it and send the request again."""

    code = ErrorCode.INVALID_TYPE


class MissingParameter(BadRequest):
    """A required field is missing; add it and send the request again."""

    code = ErrorCode.MISSING_PARAMETER


class UnsupportedParameter(BadRequest):
    """A field is not supported here; leave it out."""

    code = ErrorCode.UNSUPPORTED_PARAMETER


class PromptTooLong(BadRequest):
    """The messages do not fit into the model's context; shorten them."""

    code = ErrorCode.CONTEXT_LENGTH


class CursorRefused(BadRequest):
    """The cursor is not one of this reply; leave it out to read the reply from its beginning."""

    code = ErrorCode.BAD_CURSOR


class FeedCursorRefused(BadRequest):
    """The cursor is none of this feed; leave it out to begin with what runs now."""

    code = ErrorCode.BAD_CURSOR


class BodyTooLarge(GatewayError):
    """The request body is too large; shorten the messages."""

    code = ErrorCode.BODY_TOO_LARGE
    status = 413
    type = INVALID_REQUEST


class InvalidApiKey(GatewayError):
    """The API key or token is missing, unknown or revoked; send `Authorization: Bearer <key>`."""

    code = ErrorCode.INVALID_API_KEY
    status = 401
    type = INVALID_REQUEST


class InvalidToken(GatewayError):
    """The token is not valid or has expired; refresh the session, or sign in again."""

    code = ErrorCode.INVALID_TOKEN
    status = 401
    type = INVALID_REQUEST


class InvalidRefreshToken(InvalidToken):
    """The refresh token is not valid, was used before, or has expired; sign in again."""


class WrongCredentials(GatewayError):
    """No account has this address and password; check both."""

    code = ErrorCode.WRONG_CREDENTIALS
    status = 401
    type = INVALID_REQUEST


class MissingScope(GatewayError):
    """The key or account may not do that; use one that may, or ask an admin."""

    code = ErrorCode.FORBIDDEN
    status = 403
    type = INVALID_REQUEST


class CsrfRefused(GatewayError):
    """A request with cookies must repeat the cookie `rivulet_csrf` in the header `X-CSRF-Token`."""

    code = ErrorCode.CSRF
    status = 403
    type = INVALID_REQUEST


class RegistrationClosed(GatewayError):
    """Nobody registers here without an invitation; ask an admin for one."""

    code = ErrorCode.REGISTRATION_CLOSED
    status = 403
    type = INVALID_REQUEST


class InvalidCode(GatewayError):
    """The code is unknown, used already or has expired; ask an admin for a new one."""

    code = ErrorCode.INVALID_CODE
    status = 403
    type = INVALID_REQUEST


class EmailTaken(GatewayError):
    """There is an account with this address already; sign in to it."""

    code = ErrorCode.EMAIL_TAKEN
    status = 409
    type = INVALID_REQUEST


class LastAdmin(GatewayError):
    """Nobody would be an admin then; make somebody else one first."""

    code = ErrorCode.FORBIDDEN
    status = 409
    type = INVALID_REQUEST


class ForbiddenOrigin(GatewayError):
    """Pages of this origin may not connect; the operator can list it in RIVULET_ORIGINS."""

    code = ErrorCode.FORBIDDEN_ORIGIN
    status = 403
    type = INVALID_REQUEST


class NotFound(GatewayError):
    """There is nothing at this address for you; check the id and the path."""

    code = ErrorCode.NOT_FOUND
    status = 404
    type = INVALID_REQUEST


class PromptErased(NotFound):
    """The reply that this key named was deleted; send the prompt with another Idempotency-Key."""


class ModelNotFound(NotFound):
    """No such model is served here; GET /v1/models lists those that are."""

    code = ErrorCode.MODEL_NOT_FOUND


class MethodNotAllowed(GatewayError):
    """The method is not allowed here; /docs lists the methods of every path."""

    code = ErrorCode.METHOD_NOT_ALLOWED
    status = 405
    type = INVALID_REQUEST


class UpgradeRequired(GatewayError):
    """A WebSocket is spoken here; connect with a WebSocket client."""

    code = ErrorCode.INVALID_VALUE
    status = 426
    type = INVALID_REQUEST

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.headers = {"Upgrade": "websocket", "Connection": "Upgrade"}


class ParentNotReady(GatewayError):
    """The reply that this message answers is not finished; wait for its end, then send it again."""

    code = ErrorCode.PARENT_NOT_READY
    status = 409
    type = INVALID_REQUEST
    retryable = True
    retry_after_s = 1


class IdempotencyKeyReused(GatewayError):
    """The Idempotency-Key was used for another request; send a new key with a new request."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED
    status = 422
    type = INVALID_REQUEST


class TooManySubscriptions(GatewayError):
    """A socket reads at most 64 replies at once; unsubscribe from one, or open another socket."""

    code = ErrorCode.TOO_MANY_SUBSCRIPTIONS
    status = 429
    type = RATE_LIMIT


class TooManyFeeds(GatewayError):
    """A user has at most 8 feeds at once; close another tab or device, then connect again."""

    code = ErrorCode.TOO_MANY_FEEDS
    status = 429
    type = RATE_LIMIT
    retryable = True
    # By then a connection that broke without a word is found out.
    retry_after_s = 15


class Unavailable(GatewayError):
    """A part of the service is away for the moment; send the request again in a second."""

    code = ErrorCode.UNAVAILABLE
    status = 503
    retryable = True
    retry_after_s: int | None = 1


class BrokerUnavailable(Unavailable):
    """The broker does not answer; nothing was lost, send the request again in a second."""


class PromptUnconfirmed(BrokerUnavailable):
    """The prompt is not confirmed but may run; repeat it with its Idempotency-Key only."""


class ImportInterrupted(BrokerUnavailable):
    """A part may be imported; a repeat with the same Idempotency-Key imports only the rest."""


class PasswordsBusy(Unavailable):
    """Too many people sign in at this moment; send the request again in a second."""


class StoreUnavailable(Unavailable):
    """The store does not answer; send the request again in a second."""


class HistoryBehind(Unavailable):
    """The history has not caught up and may have it later; send the request again in a second."""


class GatewayStopping(Unavailable):
    """The gateway process is stopping; the reply goes on, and X-Reply-Id says which to read."""


class ClientGone(GatewayError):
    """The client hung up before it was answered."""

    # nginx's; nobody reads it but the access log.
    status = 499
    type = INVALID_REQUEST


class DeadlinePassed(GatewayError):
    """No worker began this reply before its deadline; send the prompt again later."""

    code = ErrorCode.DEADLINE
    status = 504
    retryable = True


class UnreadableReply(GatewayError):
    """The stored reply cannot be read to its end; send the prompt again."""

    code = ErrorCode.UNREADABLE_REPLY


class LimitReached(GatewayError):
    """A limit is reached; try again after the seconds in `Retry-After`."""

    status = 429
    type = RATE_LIMIT
    retryable = True


class TooManyLogins(LimitReached):
    """Too many failed logins; wait for the seconds in `Retry-After` before the next try."""

    code = ErrorCode.TOO_MANY_LOGINS


class TooManyRegistrations(LimitReached):
    """Too many accounts were asked for from this network address; wait for `Retry-After`."""

    code = ErrorCode.TOO_MANY_REGISTRATIONS


class QueueFull(LimitReached):
    """Too many prompts wait for this model; send the prompt again after `Retry-After` seconds."""

    code = ErrorCode.QUEUE_FULL


class TooManyImports(LimitReached):
    """Other imports are running; send this one again after the seconds in `Retry-After`."""

    code = ErrorCode.TOO_MANY_IMPORTS
    retry_after_s = 5


class TooManyRunning(LimitReached):
    """Too many of your replies have not ended; wait for some or cancel them, then try again."""

    code = ErrorCode.TOO_MANY_RUNNING


class PortTaken(RivuletError):
    """The port of RIVULET_PORT is in use; choose another or stop what uses it."""


# What a reply's ``end`` says about its failure, as the HTTP status of a request that waited.
_STATUS_OF_FAILURE: dict[str, tuple[int, ErrorType, str | None]] = {
    ErrorCode.CONTEXT_LENGTH: (400, INVALID_REQUEST, "messages"),
    ErrorCode.BAD_PROMPT: (400, INVALID_REQUEST, "messages"),
    ErrorCode.DEADLINE: (504, SERVER_ERROR, None),
}


class ReplyFailed(GatewayError):
    """The reply ended with a failure."""

    def __init__(self, code: str, message: str) -> None:
        known = _STATUS_OF_FAILURE.get(code, (500, SERVER_ERROR, None))
        self.status, self.type, param = known
        super().__init__(message, param=param, code=code)
