"""Read a request's body, up to the limit.

What a refused body has beyond the limit is still taken off the connection (Sanic does so after the
response, up to its own ``REQUEST_MAX_SIZE``) and thrown away: a connection that is closed while its
client is sending loses the answer.
"""

from typing import Any

from sanic import Request

from gateway.errors import BodyTooLarge
from gateway.request_parsing import json_object

# A client that sends so much more than is allowed is cut off.
DRAINED_TIMES_LIMIT = 16


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """Return the whole body; raises ``BodyTooLarge``. The route must be a streaming one."""
    chunks: list[bytes] = []
    size = 0
    if int(request.headers.get("content-length", 0)) > limit_bytes:
        raise _too_large(limit_bytes)
    stream: Any = request.stream
    while (chunk := await stream.read()) is not None:
        size += len(chunk)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


async def read_object(request: Request, limit_bytes: int) -> dict[str, Any]:
    """Return the JSON object that the body is; an empty one is ``{}``.

    Raises ``BodyTooLarge``, ``InvalidJson`` or ``InvalidType``.
    """
    return json_object(await read_body(request, limit_bytes) or b"{}")


def _too_large(limit_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit_bytes} bytes; shorten the messages.")
