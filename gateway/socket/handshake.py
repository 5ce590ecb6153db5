"""Turn an HTTP request into an open socket, or refuse it while it is still one.

A wrong key is no reason to refuse: a browser tells its page nothing about a refused handshake,
so the socket opens, says what is wrong, and closes.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from sanic import Request
from websockets import http11
from websockets.datastructures import Headers
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from gateway.accounts.cookies import SessionCookies
from gateway.errors import BadRequest, BodyTooLarge, ForbiddenOrigin, UpgradeRequired
from gateway.origin import is_allowed
from gateway.socket.connection import SocketConnection
from gateway.socket.protocol import SocketProtocol
from gateway.socket.server_messages import encode, problem
from schemas.events import ClientKind

SUBPROTOCOL: Final = "rivulet"
_BEARER: Final = "bearer."
# Of a client that is not known yet: an ``auth`` message is much shorter.
UNKNOWN_CLIENT_BYTES = 16 * 1024
_SWITCHING_PROTOCOLS = 101
_UPGRADE_REQUIRED = 426
_CLIENTS: tuple[ClientKind, ...] = ("api", "web", "mobile")

# The parser's debug lines hold headers and messages, and so keys and what people say.
_silent = logging.getLogger("gateway.socket.frames")
_silent.setLevel(logging.CRITICAL)


class Offer(NamedTuple):
    """What a client's subprotocols say: which one is selected, and the key in them."""

    selected: str | None
    token: str | None


def offer_of(subprotocols: Sequence[str]) -> Offer:
    """Read ``rivulet`` and ``bearer.<key>``; a browser gives up when none of its own is selected.

    The key's own entry is selected only if there is no other, since the answer repeats it.
    """
    bearers = [name for name in subprotocols if name.startswith(_BEARER)]
    token = bearers[0].removeprefix(_BEARER) if bearers else None
    if SUBPROTOCOL in subprotocols:
        return Offer(SUBPROTOCOL, token)
    return Offer(bearers[0] if bearers else None, token)


def client_of(request: Request) -> ClientKind:
    """Return what kind of client asks; raises ``BadRequest``."""
    kind = request.args.get("client", "api")
    if kind not in _CLIENTS:
        raise BadRequest(f"`client` must be one of {', '.join(_CLIENTS)}.", param="client")
    return cast("ClientKind", kind)


def refuse_foreign_page(request: Request, origins: Sequence[str]) -> None:
    """Raise ``ForbiddenOrigin`` for a page that may not open a socket here."""
    if not is_allowed(request.headers.get("origin"), request.headers.get("host"), origins):
        raise ForbiddenOrigin


def authorization_of(request: Request, cookies: SessionCookies) -> str | None:
    """Return the header, or what it would be with the key from the subprotocols or the cookies.

    Raises ``ForbiddenOrigin`` for cookies that another site's page has sent.
    """
    header: str | None = request.headers.get("authorization")
    if header is not None:
        return header
    token = offer_of(_subprotocols(request)).token or cookies.access_token(request)
    return None if token is None else f"Bearer {token}"


def open_socket(request: Request) -> SocketConnection:
    """Answer the handshake; raises ``UpgradeRequired`` or ``BadRequest``."""
    selected = offer_of(_subprotocols(request)).selected
    frames = ServerProtocol(
        state=OPEN,
        max_size=UNKNOWN_CLIENT_BYTES,
        logger=_silent,
        subprotocols=None if selected is None else [Subprotocol(selected)],
    )
    headers = Headers(list(request.headers.items()))
    response = frames.accept(http11.Request(request.path, headers))
    if response.status_code == _UPGRADE_REQUIRED:
        raise UpgradeRequired
    if response.status_code != _SWITCHING_PROTOCOLS:
        raise BadRequest("The WebSocket handshake is not valid; RFC 6455 describes it.")
    protocol = cast("SocketProtocol", request.transport.get_protocol())
    transport = cast("asyncio.Transport", request.transport)
    transport.write(response.serialize())
    protocol.socket = SocketConnection(transport, frames, _too_big)
    return protocol.socket


def _too_big(limit: int) -> bytes:
    """Return the message that is said before a socket is closed for a message over ``limit``."""
    return encode(problem(BodyTooLarge(f"The message is too large; {limit} bytes are allowed.")))


def _subprotocols(request: Request) -> list[str]:
    lines = request.headers.getall("sec-websocket-protocol", [])
    return [name.strip() for line in lines for name in line.split(",") if name.strip()]
