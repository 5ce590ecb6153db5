"""Make what a client of the product says into a prompt, by whichever way it came.

``POST /api/prompts`` and the WebSocket differ in how they answer, and in nothing else.
"""

import msgspec

from gateway.admission import AskedPrompt, digest_of
from gateway.chat_request import sampling_of
from gateway.conversation import Conversations
from gateway.errors import BadRequest
from gateway.history import ROOT, HistoryReader
from gateway.requests import PromptRequest, SamplingFields
from schemas.events import ChatMessage, ClientKind
from schemas.ids import new_ulid

# Fields in one order, so that the same request has the same digest however it was written.
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Prompting:
    """Turns native requests into prompts; they run to their end whoever listens."""

    def __init__(self, history: HistoryReader) -> None:
        self._conversations = Conversations(history)

    async def asked(
        self,
        user_id: str,
        prompt: PromptRequest,
        *,
        client: ClientKind,
        idempotency_key: str | None,
    ) -> AskedPrompt:
        """Return the prompt with the conversation that it goes on with; raises ``GatewayError``.

        The digest is of the request's meaning: a client may repeat over HTTP what it first said
        on a socket.
        """
        sampling = sampling_of(prompt.params or SamplingFields(), "params.")
        if prompt.conversation_id is None and prompt.parent_id not in (None, ROOT):
            raise BadRequest("`parent_id` needs its `conversation_id`.", param="parent_id")
        branch = await self._conversations.branch(user_id, prompt.conversation_id, prompt.parent_id)
        return AskedPrompt(
            user_id=user_id,
            model=prompt.model,
            messages=(*branch.messages, ChatMessage("user", prompt.content)),
            sampling=sampling,
            client=client,
            conversation_id=prompt.conversation_id or new_ulid(),
            parent_id=branch.parent_id,
            request_digest=digest_of(b"prompt", _canonical(prompt)),
            idempotency_key=idempotency_key,
        )
