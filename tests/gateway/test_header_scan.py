"""A scan of the log that is cut off."""

import asyncio
import signal

import pytest

from gateway.header_scan import HeaderScan
from schemas.broker import connect, disconnect
from schemas.streams import declare_streams
from tests.support.pausing import pause
from tests.support.servers import NatsServer


async def test_a_scan_is_cancelled_though_its_connection_is_closed_with_it(
    fresh_nats_server: NatsServer,
) -> None:
    """So stops a gateway; a cancellation that were lost would keep its process."""
    client = await connect(fresh_nats_server.url, "scanner")
    await declare_streams(client)
    scan = await HeaderScan.open(client, "chat.>", start={"deliver_policy": "all"}, kept_s=10.0)
    assert fresh_nats_server.process is not None
    pause(fresh_nats_server.process.pid)
    scanning = asyncio.create_task(scan.next(10))
    await asyncio.sleep(0.1)
    closing = asyncio.create_task(disconnect(client))
    await asyncio.sleep(0.1)
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    await closing
    fresh_nats_server.process.send_signal(signal.SIGCONT)
