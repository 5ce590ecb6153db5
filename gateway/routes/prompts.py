"""``POST /api/prompts``: say something in a conversation; the reply is read elsewhere."""

from sanic import HTTPResponse, Request

from gateway.accepted_response import accepted_response
from gateway.idempotency import idempotency_key
from gateway.request_body import read_body
from gateway.request_parsing import json_object, typed
from gateway.requests import PromptRequest
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services


def register(app: Application, services: Services) -> None:
    """Add the route."""
    submit = reading_body(Prompts(services).post)
    app.add_route(submit, "/api/prompts", methods=["POST"], name="submit_prompt", stream=True)


class Prompts:
    """Submits prompts of the product's own clients; they run to their end whoever listens."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def post(self, request: Request) -> HTTPResponse:
        """Accept one prompt."""
        services = self._services
        principal = await services.callers.caller(request)
        sent = await read_body(request, services.settings.max_body_bytes)
        prompt = typed(json_object(sent), PromptRequest)
        event = await services.prompting.submit(
            principal.user_id, prompt, "api", idempotency_key(request)
        )
        return accepted_response(event)
