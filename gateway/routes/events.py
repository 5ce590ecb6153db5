"""``GET /api/events``: what a user's other devices do, as server-sent events."""

from sanic import Request

from gateway import sse
from gateway.errors import GatewayError
from gateway.event_stream import EventStream
from gateway.feed.events import feed_events
from gateway.feed.feed import Feed
from gateway.services import Application, Services


def register(app: Application, services: Services) -> None:
    """Add the route."""
    app.add_route(Events(services).read, "/api/events", methods=["GET"], name="read_events")


class Events:
    """Reads feeds for their owners."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def read(self, request: Request) -> None:
        """Stream the feed from the cursor on; ``Last-Event-ID`` wins over ``?after=``."""
        principal = await self._services.callers.caller(request)
        after = request.headers.get("last-event-id") or request.args.get("after")
        stream = EventStream(request, self._services.metrics, {})
        try:
            async with self._services.feeds.open(principal.user_id, after) as feed:
                with self._services.open_streams.holding(principal, feed.stop):
                    await _pass_on(stream, feed)
        finally:
            stream.close()
        await stream.end()


async def _pass_on(stream: EventStream, feed: Feed) -> None:
    """Write what comes, until the process stops or the caller's session has ended.

    The client comes back with its cursor, and is told then what is wrong, if anything is.
    """
    # The head goes out at once, also where nothing was missed.
    await stream.keep_alive()
    try:
        while True:
            await stream.write(feed_events(await feed.read(sse.KEEP_ALIVE_S)) or sse.KEEP_ALIVE)
    except GatewayError:
        return
