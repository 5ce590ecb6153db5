"""Talk with one client on one socket: who it is, then what it wants, until it goes."""

import asyncio

import structlog

from gateway.authentication import Principal
from gateway.errors import (
    BadRequest,
    GatewayError,
    InvalidApiKey,
    InvalidToken,
    MissingScope,
    Unavailable,
)
from gateway.services import Services
from gateway.socket import close_codes
from gateway.socket.client_messages import (
    About,
    Auth,
    Cancel,
    ClientMessage,
    Prompt,
    Refused,
    Subscribe,
    parse,
)
from gateway.socket.commands import Commands
from gateway.socket.connection import SocketClosed, SocketConnection
from gateway.socket.heartbeat import watch
from gateway.socket.server_messages import Ready, encode, problem
from gateway.socket.subscriptions import MAX_SUBSCRIPTIONS
from schemas.events import ClientKind

# A client that has no key by then is not one of ours.
AUTH_S = 5.0
# A client that makes a mistake makes it once in a while, not so often in a row.
_MAX_INVALID_IN_A_ROW = 100

log = structlog.get_logger(__name__)


class SocketSession:
    """One client's session; ``run`` returns when the socket is closed."""

    def __init__(
        self, services: Services, connection: SocketConnection, client: ClientKind
    ) -> None:
        self._services = services
        self._connection = connection
        self._client = client
        self._metrics = services.metrics.sockets
        self._invalid_in_a_row = 0

    async def run(self, authorization: str | None) -> None:
        """Serve the client; ``authorization`` is what the handshake said of it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(watch(self._connection), name="heartbeat")
                principal = await self._authenticated(authorization)
                if principal is not None:
                    with self._services.open_streams.holding(principal, self._not_good_any_more):
                        await self._serve(tasks, principal)
                # Ends whatever has begun.
                raise SocketClosed
        except* SocketClosed:
            log.debug("socket_session_over")

    async def _authenticated(self, authorization: str | None) -> Principal | None:
        """Return who is there; ``None`` once the socket was closed for want of a key."""
        try:
            if authorization is None:
                authorization = await self._first_message()
            if authorization is None:
                return None
            principal = await self._services.authentication.authenticate(authorization)
            principal.require("chat")
        except (InvalidApiKey, InvalidToken, MissingScope) as error:
            await self._close(close_codes.UNAUTHENTICATED, error)
        except Unavailable as error:
            await self._close(close_codes.TRY_LATER, error)
        else:
            return principal
        return None

    async def _first_message(self) -> str | None:
        """Return the key that the client sends, as a header would; ``None`` if it goes."""
        try:
            async with asyncio.timeout(AUTH_S):
                while (sent := await self._connection.receive()) is not None:
                    message = await self._parsed(sent)
                    if isinstance(message, Auth):
                        return f"Bearer {message.token}"
                    if message is not None:
                        await self._refuse(InvalidApiKey("Send `auth` first."), _about(message))
        except TimeoutError:
            raise InvalidApiKey(
                f"No key came within {AUTH_S:.0f} seconds; connect again and send `auth` first."
            ) from None
        return None

    async def _serve(self, tasks: asyncio.TaskGroup, principal: Principal) -> None:
        max_bytes = self._services.settings.max_body_bytes
        self._connection.allow_message_bytes(max_bytes)
        ready = Ready(max_message_bytes=max_bytes, max_subscriptions=MAX_SUBSCRIPTIONS)
        await self._connection.send(encode(ready))
        commands = Commands(
            self._services,
            self._connection,
            tasks,
            self._refuse,
            user_id=principal.user_id,
            client=self._client,
        )
        while (sent := await self._connection.receive()) is not None:
            message = await self._parsed(sent)
            if message is not None and await self._is_still_good(principal, message):
                await self._follow(commands, message)

    async def _is_still_good(self, principal: Principal, message: ClientMessage) -> bool:
        """Close the socket if its session or key has ended; a store that is away ends nothing."""
        if not isinstance(message, Prompt | Subscribe | Cancel):
            return True
        try:
            await self._services.authentication.confirm(principal)
        except (InvalidApiKey, InvalidToken) as error:
            await self._close(close_codes.UNAUTHENTICATED, error, _about(message))
            return False
        except Unavailable:
            log.debug("socket_not_confirmed")
        return True

    def _not_good_any_more(self, error: GatewayError) -> None:
        away = isinstance(error, Unavailable)
        code = close_codes.TRY_LATER if away else close_codes.UNAUTHENTICATED
        self._connection.close(code, error.machine_code)

    async def _follow(self, commands: Commands, message: ClientMessage) -> None:
        try:
            if isinstance(message, Auth):
                raise BadRequest("This socket has its key already; open another for another key.")
            await commands.follow(message)
        except GatewayError as error:
            await self._refuse(error, _about(message))

    async def _parsed(self, sent: str | bytes) -> ClientMessage | None:
        """Return the message, or say what is wrong with it; too many of those are too many."""
        try:
            message = parse(sent)
        except Refused as refused:
            self._metrics.received("invalid")
            self._invalid_in_a_row += 1
            if self._invalid_in_a_row >= _MAX_INVALID_IN_A_ROW:
                await self._close(close_codes.POLICY, refused.error, refused.about)
            else:
                await self._refuse(refused.error, refused.about)
            return None
        self._metrics.received(str(message.__struct_config__.tag))
        self._invalid_in_a_row = 0
        return message

    async def _refuse(self, error: GatewayError, about: About) -> None:
        self._metrics.refused(error.machine_code)
        await self._connection.send(encode(problem(error, about)))

    async def _close(self, code: int, error: GatewayError, about: About = About()) -> None:  # noqa: B008
        """Say why, and close."""
        await self._refuse(error, about)
        self._connection.close(code, error.machine_code)


def _about(message: ClientMessage) -> About:
    return About(getattr(message, "ref", None), getattr(message, "reply_id", None))
