"""``POST /api/prompts``: say something in a conversation; the reply is read elsewhere."""

from sanic import HTTPResponse, Request

from gateway.admission import AskedPrompt, digest_of
from gateway.chat_request import sampling_of
from gateway.conversation import Conversations
from gateway.errors import BadRequest
from gateway.history import ROOT
from gateway.idempotency import idempotency_key
from gateway.json_response import json_response
from gateway.request_body import read_body
from gateway.request_parsing import json_object, typed
from gateway.requests import PromptRequest, SamplingFields
from gateway.responses import AcceptedPrompt
from gateway.services import Application, Services
from schemas.events import ChatMessage
from schemas.ids import new_ulid

_ACCEPTED = 202


def register(app: Application, services: Services) -> None:
    """Add the route."""
    prompts = Prompts(services)

    async def submit(request: Request) -> HTTPResponse:
        return await prompts.post(request)

    app.add_route(submit, "/api/prompts", methods=["POST"], name="submit_prompt", stream=True)


class Prompts:
    """Submits prompts of the product's own clients; they run to their end whoever listens."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._conversations = Conversations(services.history)

    async def post(self, request: Request) -> HTTPResponse:
        """Accept one prompt."""
        services = self._services
        principal = await services.authentication.authenticate(request.headers.get("authorization"))
        sent = await read_body(request, services.settings.max_body_bytes)
        prompt = typed(json_object(sent), PromptRequest)
        sampling = sampling_of(prompt.params or SamplingFields(), "params.")
        if prompt.conversation_id is None and prompt.parent_id not in (None, ROOT):
            raise BadRequest("`parent_id` needs its `conversation_id`.", param="parent_id")
        branch = await self._conversations.branch(
            principal.user_id, prompt.conversation_id, prompt.parent_id
        )
        event = await services.submission.submit(
            AskedPrompt(
                user_id=principal.user_id,
                model=prompt.model,
                messages=(*branch.messages, ChatMessage("user", prompt.content)),
                sampling=sampling,
                client="api",
                conversation_id=prompt.conversation_id or new_ulid(),
                parent_id=branch.parent_id,
                request_digest=digest_of(b"prompt", sent),
                idempotency_key=idempotency_key(request),
            )
        )
        accepted = AcceptedPrompt(
            reply_id=event.reply_id,
            conversation_id=event.conversation_id,
            user_message_id=event.user_message_id,
            assistant_message_id=event.assistant_message_id,
        )
        return json_response(accepted, _ACCEPTED, {"X-Reply-Id": event.reply_id})
