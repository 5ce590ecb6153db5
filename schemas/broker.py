"""Connect to NATS the way every service must, and say what the connection does.

The client's defaults (2 s between tries, dead after 60) would turn a broker restart into a lost
service; these values bring it back 50 ms after the server is up.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from nats.errors import FlushTimeoutError

from schemas.nats_client import NatsClient

# Short, because readers wait in mid-sentence; one try costs the broker nothing.
RECONNECT_WAIT_S = 0.05
# A dead peer is noticed after ping interval * outstanding pings when its socket stays open.
_PING_INTERVAL_S = 5
_MAX_OUTSTANDING_PINGS = 2
# Publishes wait here while the broker is away; past this they fail loudly instead of growing.
# While it is there and takes nothing, each waits for room for so long before it fails; only tokens
# fail at once, for they are looked for in the log then.
PENDING_BYTES = 8 * 1024 * 1024
_FLUSH_S = 2.0
# What is pending is sent within milliseconds, or not at all.
_CLOSE_S = 2.0

log = structlog.get_logger(__name__)


async def connect(
    url: str, name: str, *, on_reconnect: Callable[[], Awaitable[None]] | None = None
) -> NatsClient:
    """Connect to the broker at ``url`` and keep the connection up for ever.

    Waits until the broker is there. ``name`` appears in the broker's connection list.
    ``on_reconnect`` runs after each re-established connection.
    """
    client = NatsClient()
    last_error = ""

    async def on_error(error: Exception) -> None:
        nonlocal last_error
        # While the broker is away each of the 20 tries a second fails in the same way, and while it
        # takes nothing each message.
        stuck = isinstance(error, FlushTimeoutError)
        repeated = repr(error) == last_error and (stuck or not client.is_connected)
        last_error = repr(error)
        if not repeated:
            log.warning("broker_error", error=last_error)

    async def on_disconnect() -> None:
        if not client.is_closed:
            log.warning("broker_disconnected")

    async def on_reconnected() -> None:
        log.info("broker_reconnected")
        if on_reconnect is not None:
            await on_reconnect()

    await client.connect(
        url,
        name=name,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # a float works
        ping_interval=_PING_INTERVAL_S,
        max_outstanding_pings=_MAX_OUTSTANDING_PINGS,
        pending_size=PENDING_BYTES,
        flush_timeout=_FLUSH_S,
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnected,
    )
    return client


async def disconnect(client: NatsClient) -> None:
    """Close the connection, also while it is being re-established.

    What is still to be sent is given up soon if the broker takes nothing: nats-py would wait.
    """
    closing = asyncio.create_task(client.close(), name="broker-close")
    await asyncio.wait([closing], timeout=_CLOSE_S)
    if not closing.done():
        log.warning("broker_close_given_up")
        client.abort()
    try:
        await closing
    except (RuntimeError, OSError) as error:
        # What was pending met a connection that was closed or lost in this moment.
        log.debug("broker_close_failed", error=repr(error))
