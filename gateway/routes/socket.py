"""``GET /ws``: open a WebSocket. What is said on it is in ``docs/websocket.md``."""

import time

import structlog
from sanic import Request

from gateway.services import Application, Services
from gateway.socket.close_codes import INTERNAL
from gateway.socket.connection import SocketConnection
from gateway.socket.handshake import (
    authorization_of,
    client_of,
    open_socket,
    refuse_foreign_page,
)
from gateway.socket.session import SocketSession
from schemas.events import ClientKind
from schemas.tracing import go_on_with

log = structlog.get_logger(__name__)


def register(app: Application, services: Services) -> None:
    """Add the route."""
    sockets = Sockets(services)

    async def open_one(request: Request) -> None:
        await sockets.open(request)

    # Sanic looks for this before it misses a response.
    open_one.is_websocket = True  # type: ignore[attr-defined]
    app.add_route(open_one, "/ws", methods=["GET"], name="open_socket")


class Sockets:
    """Opens sockets and sees them through."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def open(self, request: Request) -> None:
        """Serve one socket; raises ``GatewayError`` while the request is still HTTP."""
        services = self._services
        services.sockets.refuse_if_stopping()
        refuse_foreign_page(request, services.settings.origins)
        client = client_of(request)
        authorization = authorization_of(request, services.cookies)
        connection = open_socket(request)
        opened_at = time.monotonic()
        log.info("socket_opened", client=client)
        # What is said on it has no headers of its own, and is not all one trace.
        go_on_with({})
        with services.sockets.holding(connection), services.metrics.sockets.open.track_inprogress():
            await self._serve(connection, client, authorization)
        seconds = time.monotonic() - opened_at
        log.info("socket_closed", code=connection.close_code, ms=round(seconds * 1000))

    async def _serve(
        self, connection: SocketConnection, client: ClientKind, authorization: str | None
    ) -> None:
        try:
            await SocketSession(self._services, connection, client).run(authorization)
        except Exception:
            # The root of the session's tasks: there is no HTTP left to answer with.
            log.exception("socket_failed")
        finally:
            connection.close(INTERNAL)
