"""Run one gateway process: from its sockets to its end, top to bottom."""

import asyncio
import logging
import resource
import signal
import socket
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from gateway.app import Gateway, build_gateway
from gateway.process_group import when_parent_is_gone
from gateway.settings import GatewaySettings
from gateway.socket.protocol import SocketProtocol
from schemas.heap import settle_heap
from schemas.tracing import configure_traces, end_traces

# What is left of a response after its stream was told to end is sent within this.
_GRACE_S = 1.5
_POLL_S = 0.02
# A cancel that is under way needs milliseconds, unless the broker is away or a worker paused.
_BACKGROUND_GRACE_S = 0.5

log = structlog.get_logger(__name__)


async def serve(
    settings: GatewaySettings,
    registry: CollectorRegistry,
    listener: socket.socket,
    *,
    end_with_parent: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, or until the parent process is gone."""
    _raise_open_files_limit()
    # Its news of every request holds URLs with their queries; the access log says it better.
    logging.getLogger("sanic").setLevel(logging.WARNING)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if end_with_parent:
        when_parent_is_gone(stop.set)
    configure_traces("gateway", settings.traces)
    gateway = build_gateway(settings, registry)
    try:
        async with asyncio.TaskGroup() as tasks:
            link = tasks.create_task(gateway.services.link.run(), name="broker-link")
            watchers = {
                tasks.create_task(watcher.run(), name=type(watcher).__name__)
                for watcher in (
                    gateway.services.models,
                    gateway.services.places,
                    gateway.services.open_streams,
                    gateway.services.model_metrics,
                )
            }
            server = await _listen(gateway, listener)
            settle_heap()
            log.info("gateway_listening", host=settings.host, port=settings.port)
            await stop.wait()
            log.info("gateway_stopping")
            await _shut_down(gateway, server, settings.drain_grace_s)
            await _end_watchers(watchers)
            link.cancel()
    finally:
        await gateway.store.close()
        end_traces()
    log.info("gateway_stopped")


async def _listen(gateway: Gateway, listener: socket.socket) -> Any:
    server: Any = await gateway.app.create_server(
        sock=listener, protocol=SocketProtocol, return_asyncio_server=True
    )
    await server.startup()
    await server.start_serving()
    return server


async def _shut_down(gateway: Gateway, server: Any, drain_grace_s: float) -> None:
    """Accept no more, end every stream so that its client goes on elsewhere, then close.

    A chat completion cannot go on elsewhere: it has some time to come to its end.
    """
    closed = server.close()
    gateway.services.sockets.stop()
    gateway.services.feeds.stop()
    idle = asyncio.create_task(_close_idle(server), name="idle-connections")
    await gateway.services.relays.stop(drain_grace_s)
    # From here on connections are lost by our own doing.
    gateway.services.hang_ups.stop()
    await asyncio.wait([idle], timeout=_GRACE_S)
    idle.cancel()
    for connection in list(server.connections):
        connection.abort()
    await gateway.services.background.close(_BACKGROUND_GRACE_S)
    await asyncio.wait([closed], timeout=_GRACE_S)


async def _end_watchers(watchers: set[asyncio.Task[None]]) -> None:
    """End them while the broker is still there: what they do last may need it."""
    for watcher in watchers:
        watcher.cancel()
    _, late = await asyncio.wait(watchers, timeout=_GRACE_S)
    for watcher in late:
        log.warning("watcher_ends_late", task=watcher.get_name())


async def _close_idle(server: Any) -> None:
    """Close connections once they have answered, until there is none.

    On one that stays open a client would begin what could not be ended.
    """
    while server.connections:
        for connection in list(server.connections):
            connection.close_when_idle()
        # Sanic has no event for a connection's end.
        await asyncio.sleep(_POLL_S)


def _raise_open_files_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
