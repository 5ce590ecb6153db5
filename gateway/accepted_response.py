"""Answer that a prompt was accepted."""

from sanic.response import HTTPResponse

from gateway.json_response import json_response
from gateway.responses import AcceptedPrompt
from schemas.events import PromptSubmitted

_ACCEPTED = 202


def accepted_response(event: PromptSubmitted) -> HTTPResponse:
    """Return the ids of an accepted prompt; its reply is read elsewhere."""
    accepted = AcceptedPrompt(
        reply_id=event.reply_id,
        conversation_id=event.conversation_id,
        user_message_id=event.user_message_id,
        assistant_message_id=event.assistant_message_id,
        omitted_messages=event.omitted_messages,
    )
    return json_response(accepted, _ACCEPTED, {"X-Reply-Id": event.reply_id})
