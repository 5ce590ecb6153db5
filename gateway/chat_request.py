"""Read a chat completion request: which messages go to the model, and how it samples. Pure."""

from typing import Any

from gateway.errors import BadRequest, UnsupportedParameter
from gateway.request_parsing import typed
from gateway.requests import ChatCompletionRequest, RequestMessage, SamplingFields
from schemas.events import ChatMessage, Sampling

_TEXT_ROLES = ("system", "developer", "user", "assistant")


def parse_chat_completion(body: dict[str, Any]) -> ChatCompletionRequest:
    """Return the typed request; raises ``BadRequest`` that names the field."""
    _refuse_what_is_not_text(body)
    request = typed(body, ChatCompletionRequest)
    if request.stream_options is not None and not request.stream:
        raise BadRequest(
            "`stream_options` is only allowed with `stream`: true.", param="stream_options"
        )
    if None not in (request.max_tokens, request.max_completion_tokens) and (
        request.max_tokens != request.max_completion_tokens
    ):
        raise BadRequest(
            "`max_tokens` and `max_completion_tokens` differ; send one of them.",
            param="max_completion_tokens",
        )
    return request


def chat_messages(messages: list[RequestMessage]) -> tuple[ChatMessage, ...]:
    """Return the messages as the model sees them."""
    return tuple(_chat_message(message) for message in messages)


def sampling_of(fields: SamplingFields, at: str = "") -> Sampling:
    """Return the sampling; ``at`` is the path of ``fields`` in the request."""
    max_tokens = fields.max_tokens
    if isinstance(fields, ChatCompletionRequest) and max_tokens is None:
        max_tokens = fields.max_completion_tokens
    min_tokens = fields.min_tokens or 0
    if max_tokens is not None and min_tokens > max_tokens:
        raise BadRequest(
            f"`{at}min_tokens` must not exceed the most tokens of the reply ({max_tokens}).",
            param=f"{at}min_tokens",
        )
    stop = fields.stop or ()
    return Sampling(
        max_tokens=max_tokens,
        min_tokens=min_tokens,
        temperature=fields.temperature,
        top_p=fields.top_p,
        top_k=fields.top_k,
        min_p=fields.min_p,
        presence_penalty=fields.presence_penalty,
        frequency_penalty=fields.frequency_penalty,
        repetition_penalty=fields.repetition_penalty,
        logit_bias=fields.logit_bias,
        seed=fields.seed,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        stop_token_ids=tuple(fields.stop_token_ids or ()),
        ignore_eos=fields.ignore_eos or False,
    )


def _chat_message(message: RequestMessage) -> ChatMessage:
    role = "system" if message.role == "developer" else message.role
    if isinstance(message.content, str):
        return ChatMessage(role, message.content)
    return ChatMessage(role, "".join(part.text for part in message.content))


def _refuse_what_is_not_text(body: dict[str, Any]) -> None:
    """Say of images, tools and the like that they are not supported, not that they are wrong."""
    if isinstance(n := body.get("n"), int) and n > 1:
        raise UnsupportedParameter("`n` must be 1; send one request for each reply.", param="n")
    if body.get("logprobs") is True:
        raise UnsupportedParameter("`logprobs` is not supported; leave it out.", param="logprobs")
    form = body.get("response_format")
    if isinstance(form, dict) and form.get("type") in ("json_object", "json_schema"):
        raise UnsupportedParameter(
            "`response_format` must be {'type': 'text'}.", param="response_format"
        )
    messages = body.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            _refuse_message_that_is_not_text(f"messages[{index}]", message)


def _refuse_message_that_is_not_text(at: str, message: dict[str, Any]) -> None:
    role = message.get("role")
    if role in ("tool", "function"):
        raise UnsupportedParameter(
            f"`{at}.role` {role!r} is not supported; use one of {', '.join(_TEXT_ROLES)}.",
            param=f"{at}.role",
        )
    content = message.get("content")
    for number, part in enumerate(content if isinstance(content, list) else ()):
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind != "text":
            param = f"{at}.content[{number}].type"
            raise UnsupportedParameter(
                f"`{param}` {kind!r} is not supported; only 'text' is.", param=param
            )
