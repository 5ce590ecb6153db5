"""Make a prompt anew from the stored conversation, where the log does not hold it any more."""

from gateway.admission import AskedPrompt
from gateway.conversations.ports import ConversationReader
from gateway.errors import NotFound
from gateway.history import HistoryReader, StoredMessage, branch_up_to
from gateway.prompt_context import under_system
from gateway.requests import SamplingFields
from gateway.sampling_defaults import sampling_over
from schemas.events import ChatMessage


class StoredPrompts:
    """Reads what was asked from the history."""

    def __init__(self, history: HistoryReader, conversations: ConversationReader) -> None:
        self._history = history
        self._conversations = conversations

    async def again(
        self, user_id: str, reply_id: str, request_digest: str, idempotency_key: str | None
    ) -> AskedPrompt:
        """Return the prompt of a stored reply with its conversation's settings of today.

        Raises ``NotFound`` or ``StoreUnavailable``.
        """
        answer = await self._history.answer(user_id, reply_id)
        if answer is None or not answer.conversation_id:
            raise _gone()
        conversation = await self._conversations.one(user_id, answer.conversation_id)
        messages = await self._history.conversation(user_id, answer.conversation_id)
        question = _question_of(messages, answer)
        if conversation is None or question is None:
            raise _gone()
        branch = under_system(conversation.system, branch_up_to(messages, question.parent_id))
        return AskedPrompt(
            user_id=user_id,
            model=answer.model,
            messages=(*branch.messages, ChatMessage("user", question.content)),
            sampling=sampling_over(conversation.sampling, SamplingFields()),
            client="api",
            conversation_id=answer.conversation_id,
            parent_id=branch.parent_id,
            request_digest=request_digest,
            idempotency_key=idempotency_key,
            user_message_id=question.message_id,
            may_trim=True,
        )


def _question_of(messages: list[StoredMessage], answer: StoredMessage) -> StoredMessage | None:
    return next(
        (one for one in messages if one.message_id == answer.parent_id and one.role == "user"),
        None,
    )


def _gone() -> NotFound:
    return NotFound("The prompt of this reply is no longer in the log; send it as a new one.")
