"""The port behind which tokens are made."""

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple, Protocol

from schemas.events import ChatMessage, FinishReason, Sampling

# A token id and the text that it completes. A token that ends within a character has no text
# yet; the token that completes the character carries it all.
Token = tuple[int, str]


class Piece(NamedTuple):
    """What the engine made since the last piece; ``finish`` is set on the last one.

    ``cached_tokens`` is how many tokens of the input were in the prefix cache.
    """

    tokens: Sequence[Token]
    finish: FinishReason | None = None
    cached_tokens: int = 0


class Generation(NamedTuple):
    """One request to the engine: go on after ``prompt_ids`` and ``prefix_ids``.

    ``max_tokens`` counts from the end of the prefix and is at least 1. ``request_id`` differs
    for each attempt at a reply, since an engine may still hold an older one. ``messages`` are
    what ``prompt_ids`` were made from.
    """

    request_id: str
    messages: Sequence[ChatMessage]
    prompt_ids: Sequence[int]
    prefix_ids: Sequence[int]
    max_tokens: int
    sampling: Sampling


class Engine(Protocol):
    """An engine serves one model; its methods raise ``EngineDied`` once it is gone."""

    @property
    def max_model_len(self) -> int:
        """Tokens of the whole context: prompt and reply together."""
        ...

    async def tokenize(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the ids of the prompt after the chat template; raises ``PromptRejected``."""
        ...

    def default_max_tokens(self) -> int | None:
        """Return the model's own limit of a reply, or ``None`` for the rest of the context."""
        ...

    def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of one reply; closing the iterator frees the slot.

        Stop strings are not the engine's business: ``workers.generation`` applies them. Raises
        ``PromptRejected``, ``EngineError`` or ``EngineDied``.
        """
        ...

    async def check(self) -> None:
        """Raise ``EngineDied`` if the engine can make no more tokens."""
        ...

    async def close(self) -> None:
        """Free the engine; nothing may be running."""
        ...
