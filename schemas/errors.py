"""The error codes that cross a process boundary, and the base of every Rivulet exception.

A code appears in an ``end`` frame, in ReplyFinished and in the HTTP error shape; clients may
rely on it. Each service keeps its own exceptions in its ``errors.py``.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a reply failed or a request was refused; one vocabulary for frames, events and HTTP."""

    # Of a reply (in its ``end`` frame).
    CONTEXT_LENGTH = "context_length_exceeded"
    DEADLINE = "deadline"
    POISON = "poison"
    BAD_PROMPT = "bad_prompt"
    ENGINE_ERROR = "engine_error"
    # Of a request (never published).
    INVALID_JSON = "invalid_json"
    INVALID_TYPE = "invalid_type"
    INVALID_VALUE = "invalid_value"
    MISSING_PARAMETER = "missing_required_parameter"
    UNSUPPORTED_PARAMETER = "unsupported_parameter"
    BODY_TOO_LARGE = "request_too_large"
    INVALID_API_KEY = "invalid_api_key"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a code
    WRONG_CREDENTIALS = "wrong_credentials"
    CSRF = "csrf_token_required"
    EMAIL_TAKEN = "email_taken"
    REGISTRATION_CLOSED = "registration_closed"
    INVALID_CODE = "invalid_code"
    TOO_MANY_LOGINS = "too_many_logins"
    TOO_MANY_REGISTRATIONS = "too_many_registrations"
    FORBIDDEN = "insufficient_scope"
    MODEL_NOT_FOUND = "model_not_found"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BAD_CURSOR = "bad_cursor"
    PARENT_NOT_READY = "parent_not_ready"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    QUEUE_FULL = "queue_full"
    TOO_MANY_RUNNING = "too_many_running"
    TOO_MANY_IMPORTS = "too_many_imports"
    TOO_MANY_SUBSCRIPTIONS = "too_many_subscriptions"
    TOO_MANY_FEEDS = "too_many_feeds"
    FORBIDDEN_ORIGIN = "forbidden_origin"
    UNKNOWN_TYPE = "unknown_type"
    UNREADABLE_REPLY = "unreadable_reply"
    UNAVAILABLE = "service_unavailable"
    INTERNAL = "internal_error"


class RivuletError(Exception):
    """Something failed in Rivulet.

    A subclass's docstring is its default message; ``code`` is what a client sees, ``retryable``
    says whether the same call may succeed later.
    """

    code: ErrorCode = ErrorCode.INTERNAL
    retryable: bool = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)
