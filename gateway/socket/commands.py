"""Do what an authenticated client asks for; what takes time runs beside the reading of messages."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.errors import GatewayError, NotFound
from gateway.idempotency import checked_key
from gateway.reply_relay import ReplyRelay
from gateway.services import Services
from gateway.socket.client_messages import (
    About,
    Cancel,
    ClientMessage,
    Ping,
    Prompt,
    Subscribe,
    Sync,
    Unsubscribe,
    Unsync,
)
from gateway.socket.connection import SocketConnection
from gateway.socket.server_messages import (
    Accepted,
    Cancelled,
    Pong,
    ServerMessage,
    Unsubscribed,
    Unsynced,
    encode,
)
from gateway.socket.socket_feed import SocketFeed
from gateway.socket.subscription import ReplySubscription
from gateway.socket.subscriptions import Subscriptions
from schemas.events import ClientKind
from schemas.ids import owns_reply

# Prompts and cancels under way. Each may hold a message of the largest size; while there are so
# many, no more is read from the socket.
_AT_ONCE = 8
# Subscriptions that read their first batch of the log. One is too few: while the store is away,
# one that needs it holds up those that do not.
_OPENINGS_AT_ONCE = 4

Report = Callable[[GatewayError, About], Awaitable[None]]


class Commands:
    """What one client has begun; it all runs in ``tasks``, and stops with them."""

    def __init__(
        self,
        services: Services,
        connection: SocketConnection,
        tasks: asyncio.TaskGroup,
        report: Report,
        *,
        user_id: str,
        client: ClientKind,
    ) -> None:
        self._services = services
        self._connection = connection
        self._tasks = tasks
        self._report = report
        self._user_id = user_id
        self._client = client
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._openings = asyncio.Semaphore(_OPENINGS_AT_ONCE)
        self._subscriptions = Subscriptions(
            tasks, services.metrics.sockets, self._subscription_failed
        )
        self._feed = SocketFeed(services.feeds, connection, tasks, report, user_id)

    async def follow(self, message: ClientMessage) -> None:
        """Do it, or begin to; raises ``GatewayError`` for what is refused at once."""
        if isinstance(message, Ping):
            await self._send(Pong(ref=message.ref))
        elif isinstance(message, Prompt):
            await self._begin_prompt(message)
        elif isinstance(message, Subscribe):
            await self._subscribe(message)
        elif isinstance(message, Unsubscribe):
            self._refuse_foreign(message.reply_id)
            await self._subscriptions.end(message.reply_id)
            await self._send(Unsubscribed(reply_id=message.reply_id))
        elif isinstance(message, Cancel):
            await self._room.acquire()
            self._tasks.create_task(self._cancel(message), name="cancel")
        elif isinstance(message, Sync):
            await self._feed.begin(message.after, message.ref)
        elif isinstance(message, Unsync):
            await self._feed.end()
            await self._send(Unsynced(ref=message.ref))

    async def _subscribe(self, message: Subscribe) -> None:
        self._refuse_foreign(message.reply_id)
        subscription = self._subscription(message.reply_id)
        await self._subscriptions.begin(
            message.reply_id, lambda: subscription.resume(message.after, self._openings)
        )

    async def _begin_prompt(self, message: Prompt) -> None:
        checked_key(message.idempotency_key, "idempotency_key")
        self._subscriptions.reserve()
        await self._room.acquire()
        self._tasks.create_task(self._prompt(message), name="prompt")

    async def _prompt(self, message: Prompt) -> None:
        """Submit the prompt, then be the subscription to its reply."""
        ref = message.ref
        try:
            relay = await self._accepted(message)
        except GatewayError as error:
            await self._report(error, About(ref, error.reply_id))
            return
        finally:
            self._subscriptions.give_back()
            self._room.release()
            # It may be megabytes, and the reply may take minutes.
            del message
        try:
            async with self._subscriptions.joined(relay.reply_id):
                subscription = self._subscription(relay.reply_id)
                await subscription.follow(subscription.reading(relay))
        finally:
            await self._services.relays.release(relay)

    async def _accepted(self, message: Prompt) -> ReplyRelay:
        """Submit the prompt and say so; the caller releases the relay."""
        event, relay = await self._services.prompting.submit_and_follow(
            self._user_id, message.request(), self._client, message.idempotency_key
        )
        try:
            await self._send(
                Accepted(
                    ref=message.ref,
                    reply_id=event.reply_id,
                    conversation_id=event.conversation_id,
                    user_message_id=event.user_message_id,
                    assistant_message_id=event.assistant_message_id,
                    omitted_messages=event.omitted_messages,
                )
            )
        except BaseException:
            await self._services.relays.release(relay)
            raise
        return relay

    async def _cancel(self, message: Cancel) -> None:
        try:
            result = await self._services.cancellation.cancel(self._user_id, message.reply_id)
        except GatewayError as error:
            await self._report(error, About(message.ref, message.reply_id))
        else:
            await self._send(
                Cancelled(
                    ref=message.ref,
                    reply_id=result.reply_id,
                    status=result.status,
                    slot_free=result.slot_free,
                )
            )
        finally:
            self._room.release()

    async def _subscription_failed(self, reply_id: str, error: GatewayError) -> None:
        await self._report(error, About(reply_id=reply_id))

    def _subscription(self, reply_id: str) -> ReplySubscription:
        return ReplySubscription(self._services, self._connection, self._user_id, reply_id)

    def _refuse_foreign(self, reply_id: str) -> None:
        """Raise ``NotFound`` before any subject is built from the id; the same for a stranger's."""
        if not owns_reply(self._services.secret, self._user_id, reply_id):
            raise NotFound("This reply does not exist; check its id.")

    async def _send(self, message: ServerMessage) -> None:
        await self._connection.send(encode(message))
