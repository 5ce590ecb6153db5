"""Read the ``Idempotency-Key`` header."""

from sanic import Request

from gateway.errors import BadRequest

_MAX_LENGTH = 255


def idempotency_key(request: Request) -> str | None:
    """Return the key, or ``None`` without one; raises ``BadRequest``."""
    key: str | None = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= _MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise BadRequest(
            f"`Idempotency-Key` must be 1 to {_MAX_LENGTH} printable ASCII characters.",
            param="Idempotency-Key",
        )
    return key
