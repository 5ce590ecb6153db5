"""Serve a process's ``/metrics`` on a loopback port of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog
from prometheus_client import CollectorRegistry, start_http_server

from schemas.errors import RivuletError

log = structlog.get_logger(__name__)


class MetricsPortTaken(RivuletError):
    """A port for metrics is in use; choose another or unset it."""


@contextmanager
def served(registry: CollectorRegistry, port: int | None, setting: str) -> Iterator[None]:
    """Serve the registry while the block runs; no port, no endpoint.

    Raises ``MetricsPortTaken``, which names the ``setting`` that chose the port.
    """
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise MetricsPortTaken(
            f"{setting}={port} cannot be used ({error.strerror}): choose another port or unset it"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def served_if_free(registry: CollectorRegistry, port: int | None, setting: str) -> Iterator[None]:
    """Serve as ``served`` does; a process whose port another one has does its work all the same."""
    with ExitStack() as serving:
        try:
            serving.enter_context(served(registry, port, setting))
        except MetricsPortTaken as error:
            log.warning("metrics_not_served", error=str(error))
        yield
