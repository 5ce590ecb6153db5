"""``/healthz`` and ``/readyz``: is the process alive, and can it serve."""

import asyncio

from sanic import HTTPResponse, Request

from gateway.json_response import json_response
from gateway.responses import Alive, Readiness
from gateway.services import Application, Services

_PROBE_TIMEOUT_S = 1.5


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    health = Health(services)
    app.add_route(health.alive, "/healthz", methods=["GET"], name="healthz")
    app.add_route(health.ready, "/readyz", methods=["GET"], name="readyz")


class Health:
    """Asks each part whether it is there."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def alive(self, _: Request) -> HTTPResponse:
        """Say that the process answers."""
        return json_response(Alive())

    async def ready(self, _: Request) -> HTTPResponse:
        """Say which parts are there."""
        broker = self._services.link.is_up
        store = await self._store_is_up()
        worker = self._services.models.seen_a_worker
        ready = broker and store and worker
        body = Readiness(
            status="ready" if ready else "unavailable", broker=broker, store=store, worker=worker
        )
        headers = {} if ready else {"Retry-After": "1"}
        return json_response(body, status=200 if ready else 503, headers=headers)

    async def _store_is_up(self) -> bool:
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                return await self._services.store.is_up()
        except TimeoutError:
            return False
