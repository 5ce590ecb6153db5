"""Ask for another answer to a question that was asked already."""

from gateway.admission import AskedPrompt, digest_of
from gateway.broker_link import BrokerLink
from gateway.errors import BrokerUnavailable, NotFound
from gateway.stored_prompts import StoredPrompts
from gateway.submission import Submission
from schemas.direct_get import LogUnavailable
from schemas.events import PromptSubmitted
from schemas.ids import owns_reply
from schemas.prompt_log import find_prompt


class Retrying:
    """Makes siblings of replies; the first one may still be running."""

    def __init__(
        self, link: BrokerLink, stored: StoredPrompts, submission: Submission, *, secret: bytes
    ) -> None:
        self._link = link
        self._stored = stored
        self._submission = submission
        self._secret = secret

    async def retry(
        self, user_id: str, reply_id: str, idempotency_key: str | None
    ) -> PromptSubmitted:
        """Submit the prompt of a user's reply again, detached; raises ``GatewayError``."""
        if not owns_reply(self._secret, user_id, reply_id):
            # Before anything is looked for, and the same for a stranger's.
            raise NotFound("This reply does not exist; check its id.")
        try:
            found = await find_prompt(self._link.session().direct_get, user_id, reply_id)
        except LogUnavailable as error:
            raise BrokerUnavailable from error
        # Whether it comes from the log or the store, a repeat with the same key is the same.
        digest = digest_of(b"retry", reply_id.encode())
        if found is None:
            asked = await self._stored.again(user_id, reply_id, digest, idempotency_key)
        else:
            asked = _again(found.prompt, digest, idempotency_key)
        return await self._submission.submit(asked)


def _again(prompt: PromptSubmitted, digest: str, idempotency_key: str | None) -> AskedPrompt:
    return AskedPrompt(
        user_id=prompt.user_id,
        model=prompt.model,
        messages=prompt.messages,
        sampling=prompt.sampling,
        client=prompt.client,
        temporary=prompt.temporary,
        conversation_id=prompt.conversation_id,
        parent_id=prompt.parent_id,
        request_digest=digest,
        idempotency_key=idempotency_key,
        sibling_of=prompt,
    )
