"""``/api/usage`` and ``/api/admin/usage``: what was used, by the caller and by everybody."""

import time

from sanic import HTTPResponse, Request

from gateway.json_response import json_response
from gateway.services import Application, Services
from gateway.usage.period import period_asked


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    usage = UsageRoutes(services)
    app.add_route(usage.own, "/api/usage", methods=["GET"], name="show_usage")
    app.add_route(usage.everybody, "/api/admin/usage", methods=["GET"], name="show_all_usage")


class UsageRoutes:
    """Answers from the roll-ups."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def own(self, request: Request) -> HTTPResponse:
        """Show what the caller has used."""
        caller = await self._services.callers.caller(request)
        period = period_asked(request, _now_ms())
        return json_response(await self._services.usage.own(caller.user_id, period))

    async def everybody(self, request: Request) -> HTTPResponse:
        """Show what everybody has used, and how the instance does."""
        await self._services.callers.caller(request, "admin")
        period = period_asked(request, _now_ms())
        return json_response(await self._services.usage.everybody(period))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
