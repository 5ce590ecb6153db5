"""What the history must hold of events, without what depends on their places in the log."""

from typing import Any

from analytics.conversation_fold import blank_conversation, with_prompt
from analytics.history_documents import finished_answer, messages_of_prompt
from schemas.events import PromptSubmitted, ReplyFinished

Document = dict[str, Any]
_OF_THE_LOG = ("log_seqs", "seqs", "revision")


def placeless(document: Any) -> Document:
    """Return a document without sequences and what is made from them."""
    return {field: value for field, value in document.items() if field not in _OF_THE_LOG}


def question_of(prompt: PromptSubmitted) -> Document:
    """Return the user's message."""
    return placeless(messages_of_prompt(prompt, 1).question)


def pending_of(prompt: PromptSubmitted) -> Document:
    """Return the answer before it has ended."""
    return placeless(messages_of_prompt(prompt, 1).answer)


def answer_of(end: ReplyFinished) -> Document:
    """Return the answer as it ended."""
    return placeless(finished_answer(end, 2))


def conversation_of(*prompts: PromptSubmitted) -> Document:
    """Return the conversation of some prompts."""
    first = prompts[0]
    document = blank_conversation(str(first.conversation_id), first.user_id)
    for sequence, prompt in enumerate(prompts, 1):
        document = with_prompt(document, prompt, sequence)
    return placeless(document)
