"""Read idempotency keys: the ``Idempotency-Key`` header, or a field of a socket's message."""

from sanic import Request

from gateway.errors import BadRequest

_MAX_LENGTH = 255


def idempotency_key(request: Request) -> str | None:
    """Return the key, or ``None`` without one; raises ``BadRequest``."""
    key: str | None = request.headers.get("idempotency-key")
    return checked_key(key, "Idempotency-Key")


def checked_key(key: str | None, param: str) -> str | None:
    """Return the key if it is one; raises ``BadRequest`` that names ``param``."""
    if key is None:
        return None
    if not 0 < len(key) <= _MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise BadRequest(
            f"`{param}` must be 1 to {_MAX_LENGTH} printable ASCII characters.",
            param=param,
        )
    return key
