"""Build the objects of the OpenAI Chat Completions API. Pure.

The types of the ``openai`` package are the contract; tests validate everything here against them.
Chunks differ in one field, so the rest of a chunk is encoded once a stream.
"""

from typing import Any

import msgspec
import orjson

from gateway.responses import (
    AssistantMessage,
    ChatCompletion,
    ChatCompletionChunk,
    ChunkChoice,
    ChunkDelta,
    CompletionChoice,
    CompletionUsage,
    OpenAIFinishReason,
    TokenDetails,
)
from schemas import ending
from schemas.frames import End

DONE = b"data: [DONE]\n\n"
# Stands for the text while a chunk is made; no model id holds a NUL.
_MARK = "\x00"


def completion_id(reply_id: str) -> str:
    """Return the id of a completion."""
    return f"chatcmpl-{reply_id}"


def finish_reason(end: End) -> OpenAIFinishReason:
    """Return why the reply ended; OpenAI has no word for a cancelled one."""
    return end.finish_reason or "stop"


def usage_of(end: End, tokens: int) -> CompletionUsage:
    """Return the usage of a reply of ``tokens`` tokens."""
    usage = ending.usage_of(end, tokens)
    return CompletionUsage(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        prompt_tokens_details=TokenDetails(cached_tokens=usage.cached_tokens),
    )


def completion(
    reply_id: str, model: str, created: int, text: str, end: End, usage: CompletionUsage
) -> ChatCompletion:
    """Return the answer of a call that does not stream."""
    choice = CompletionChoice(
        message=AssistantMessage(content=text), finish_reason=finish_reason(end)
    )
    return ChatCompletion(
        id=completion_id(reply_id), created=created, model=model, choices=[choice], usage=usage
    )


class ChunkWriter:
    """Encodes the chunks of one stream as SSE bytes."""

    def __init__(self, reply_id: str, model: str, created: int, *, include_usage: bool) -> None:
        self.include_usage = include_usage
        self._reply_id = reply_id
        self._model = model
        self._created = created
        self._before, self._after = self._chunk(ChunkDelta(content=_MARK), None).split(
            orjson.dumps(_MARK), 1
        )

    def role(self) -> bytes:
        """Return the first chunk."""
        return self._chunk(ChunkDelta(role="assistant", content=""), None)

    def delta(self, text: str) -> bytes:
        """Return a chunk with text."""
        return self._before + orjson.dumps(text) + self._after

    def finish(self, reason: OpenAIFinishReason) -> bytes:
        """Return the last chunk of the choice."""
        return self._chunk(ChunkDelta(), reason)

    def usage(self, usage: CompletionUsage) -> bytes:
        """Return the extra chunk that ``include_usage`` asks for."""
        return event_of(self._with([], usage))

    def _chunk(self, delta: ChunkDelta, reason: OpenAIFinishReason | None) -> bytes:
        chunk: dict[str, Any] = msgspec.to_builtins(
            self._with([ChunkChoice(delta=delta, finish_reason=reason)], None)
        )
        if not self.include_usage:
            # ``"usage": null`` in every chunk is what ``include_usage`` asks for.
            del chunk["usage"]
        return event_of(chunk)

    def _with(
        self, choices: list[ChunkChoice], usage: CompletionUsage | None
    ) -> ChatCompletionChunk:
        return ChatCompletionChunk(
            id=completion_id(self._reply_id),
            created=self._created,
            model=self._model,
            choices=choices,
            usage=usage,
        )


def event_of(body: Any) -> bytes:
    """Return one event of a stream; an error is one as well."""
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
