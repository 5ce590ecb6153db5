"""Find out that a peer has gone: a cut connection says nothing by itself for many minutes."""

import asyncio

import structlog

from gateway.socket.connection import SocketConnection

# Proxies and phones' networks forget connections that are silent for 30 to 60 s.
PING_S = 15.0
# Three pings without a sign of life. A slow reader's counts: it takes what was sent to it.
GONE_S = 45.0

log = structlog.get_logger(__name__)


async def watch(connection: SocketConnection) -> None:
    """Ping the peer, and drop the connection once it is silent for too long."""
    while True:
        await asyncio.sleep(PING_S)
        if connection.silent_s >= GONE_S:
            log.info("socket_peer_gone", silent_s=round(connection.silent_s))
            connection.abort()
            return
        connection.ping()
