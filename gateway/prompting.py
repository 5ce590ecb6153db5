"""Make what a client of the product says into a prompt, by whichever way it came.

``POST /api/prompts`` and the WebSocket differ in how they answer, and in nothing else.
"""

import msgspec

from gateway.admission import AskedPrompt, digest_of
from gateway.errors import BadRequest, GatewayError, MissingParameter
from gateway.history import ROOT, Branch
from gateway.prompt_context import Context, PromptContexts
from gateway.requests import PromptRequest, SamplingFields
from gateway.sampling_defaults import sampling_over
from gateway.submission import Followed, Submission
from schemas.events import ChatMessage, ClientKind, PromptSubmitted
from schemas.ids import new_ulid

# Fields in one order, so that the same request has the same digest however it was written.
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Prompting:
    """Submits native prompts; they run to their end whoever listens."""

    def __init__(self, contexts: PromptContexts, submission: Submission) -> None:
        self._contexts = contexts
        self._submission = submission

    async def submit(
        self, user_id: str, prompt: PromptRequest, client: ClientKind, key: str | None
    ) -> PromptSubmitted:
        """Publish the prompt and return what stands in the log; raises ``GatewayError``."""
        asked = await self._asked_or_earlier(user_id, prompt, client, key)
        return asked if isinstance(asked, PromptSubmitted) else await self._submission.submit(asked)

    async def submit_and_follow(
        self, user_id: str, prompt: PromptRequest, client: ClientKind, key: str | None
    ) -> Followed:
        """Publish the prompt and follow its reply; the caller releases the relay."""
        asked = await self._asked_or_earlier(user_id, prompt, client, key)
        if isinstance(asked, PromptSubmitted):
            return await self._submission.follow(asked)
        return await self._submission.submit_and_follow(asked)

    async def _asked_or_earlier(
        self, user_id: str, prompt: PromptRequest, client: ClientKind, key: str | None
    ) -> AskedPrompt | PromptSubmitted:
        """Return what to ask, or what a repeated request was accepted as."""
        earlier = await self._earlier(user_id, prompt, key)
        if earlier is not None:
            return earlier
        try:
            return await self._asked(user_id, prompt, client, key)
        except GatewayError:
            # The first of two equal requests may have been stored meanwhile.
            earlier = await self._earlier(user_id, prompt, key)
            if earlier is None:
                raise
            return earlier

    async def _earlier(
        self, user_id: str, prompt: PromptRequest, key: str | None
    ) -> PromptSubmitted | None:
        """Return what a repeated request was accepted as, or ``None``.

        Its conversation cannot tell: the newest reply in it is now its own, and unfinished.
        """
        if key is None or prompt.conversation_id is None:
            return None
        return await self._submission.earlier(user_id, key, _digest(prompt))

    async def _asked(
        self, user_id: str, prompt: PromptRequest, client: ClientKind, key: str | None
    ) -> AskedPrompt:
        """Return the prompt with the conversation that it goes on with."""
        # First what needs no look at the conversation.
        fields = prompt.params or SamplingFields()
        sampling_over({}, fields)
        context = await self._context(user_id, prompt)
        model = prompt.model or context.model
        if not model:
            raise MissingParameter("`model` is required; add it.", param="model")
        branch = context.branch
        return AskedPrompt(
            user_id=user_id,
            model=model,
            messages=(*branch.messages, ChatMessage("user", prompt.content)),
            sampling=sampling_over(context.sampling, fields),
            client=client,
            temporary=prompt.temporary,
            conversation_id=prompt.conversation_id or new_ulid(),
            parent_id=branch.parent_id,
            request_digest=_digest(prompt),
            idempotency_key=key,
            may_trim=True,
            omitted_messages=branch.omitted,
        )

    async def _context(self, user_id: str, prompt: PromptRequest) -> Context:
        if prompt.conversation_id is None:
            if prompt.parent_id not in (None, ROOT):
                raise BadRequest("`parent_id` needs its `conversation_id`.", param="parent_id")
            return Context(Branch((), None))
        find = self._contexts.temporary_context if prompt.temporary else self._contexts.context
        return await find(user_id, prompt.conversation_id, prompt.parent_id)


def _digest(prompt: PromptRequest) -> str:
    """Identify what a request means.

    A client may repeat over HTTP what it first said on a socket.
    """
    return digest_of(b"prompt", _canonical(prompt))
