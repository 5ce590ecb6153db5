"""Refuse a request whose head is not UTF-8, before anybody takes it for text."""

from sanic import Request

from gateway.errors import BadRequest


async def refuse_odd_bytes(request: Request) -> None:
    """Raise ``BadRequest``: half of a character could be neither hashed, compared nor stored."""
    try:
        request.head.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The request's headers must be UTF-8; leave out other bytes.") from error
