"""Tell one socket what its user's other devices do: one feed at a time, which may be replaced."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import asdict

from gateway.errors import GatewayError, GatewayStopping
from gateway.feed.feed_cursor import format_feed_cursor
from gateway.feed.feeds import Feeds
from gateway.feed.news import ConversationNews, News, ReplyNews
from gateway.socket.client_messages import About
from gateway.socket.connection import SocketClosed, SocketConnection
from gateway.socket.server_messages import Conversation, Reply, Running, encode

# Nothing happens then; a socket's pings keep it alive by themselves.
_LONGEST_WAIT_S = 60.0


class SocketFeed:
    """Sends news while the client takes it; a slow one is waited for, and one batch is held."""

    def __init__(
        self,
        feeds: Feeds,
        connection: SocketConnection,
        tasks: asyncio.TaskGroup,
        report: Callable[[GatewayError, About], Awaitable[None]],
        user_id: str,
    ) -> None:
        self._feeds = feeds
        self._connection = connection
        self._tasks = tasks
        self._report = report
        self._user_id = user_id
        self._task: asyncio.Task[Any] | None = None

    async def begin(self, after: str | None, ref: str | None) -> None:
        """Send news from a cursor on; nothing of an earlier feed comes after this."""
        await self.end()
        self._task = self._tasks.create_task(self._run(after, ref), name="feed")

    async def end(self) -> None:
        """Send no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, after: str | None, ref: str | None) -> None:
        try:
            async with self._feeds.open(self._user_id, after) as feed:
                while True:
                    news = await feed.read(_LONGEST_WAIT_S)
                    await self._connection.send(*(_message(one) for one in news))
        except GatewayStopping:
            # The socket is closed with a code that tells the client to come back elsewhere.
            return
        except GatewayError as error:
            await self._report(error, About(ref))
        except SocketClosed:
            return


def _message(news: News) -> bytes:
    cursor, message = format_feed_cursor(news.cursor), news.message
    if isinstance(message, ConversationNews):
        return encode(Conversation(cursor=cursor, **asdict(message)))
    if isinstance(message, ReplyNews):
        return encode(Reply(cursor=cursor, **asdict(message)))
    return encode(Running(cursor=cursor, **asdict(message)))
