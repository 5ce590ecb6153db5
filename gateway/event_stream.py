"""One SSE response.

Its head goes out with the first bytes, so that what fails before can still be an HTTP error.
"""

import time
from collections.abc import Mapping

import structlog
from sanic import Request
from sanic.response import HTTPResponse

from gateway import sse
from gateway.metrics import GatewayMetrics

log = structlog.get_logger(__name__)


class EventStream:
    """Writes to one client. ``started`` once the status line is out."""

    def __init__(
        self, request: Request, metrics: GatewayMetrics, headers: Mapping[str, str]
    ) -> None:
        self._request = request
        self._metrics = metrics
        self._headers = {**sse.HEADERS, **headers}
        self._response: HTTPResponse | None = None
        self._opened_at = 0.0

    @property
    def started(self) -> bool:
        """Whether anything was sent."""
        return self._response is not None

    async def write(self, data: bytes) -> None:
        """Send bytes; waits while the client is slow."""
        if self._response is None:
            # The access log has its line when the stream is closed.
            self._request.ctx.streaming = True
            self._response = await self._request.respond(
                status=200, headers=self._headers, content_type=sse.CONTENT_TYPE
            )
            self._opened_at = time.monotonic()
            self._metrics.stream_opened()
        await self._response.send(data)

    async def keep_alive(self) -> None:
        """Send a comment, so that nobody on the way takes the connection for dead."""
        await self.write(sse.KEEP_ALIVE)

    async def end(self) -> None:
        """Send the end of the response."""
        if self._response is not None:
            await self._response.send(b"", end_stream=True)

    def close(self) -> None:
        """Note that the stream is over, whoever ended it."""
        if self._response is not None:
            self._metrics.stream_closed()
            log.info(
                "stream_closed",
                path=self._request.path,
                ms=round((time.monotonic() - self._opened_at) * 1000),
            )
