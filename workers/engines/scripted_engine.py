"""Play a script at a steady pace: the engine for load and fault tests, with no model."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from schemas.events import ChatMessage, FinishReason
from workers.engines.port import Generation, Piece
from workers.engines.script import VOCABULARY, script_key, script_length, script_token

_MAX_MODEL_LEN = 131_072
_DEFAULT_MAX_TOKENS = 4_096


class ScriptedEngine:
    """Tokens that are a pure function of prompt and seed, ``tokens_per_s`` for each reply."""

    def __init__(self, tokens_per_s: float) -> None:
        self._interval_s = 1 / tokens_per_s

    @property
    def max_model_len(self) -> int:
        """Tokens of the whole context."""
        return _MAX_MODEL_LEN

    async def tokenize(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Count a token for each word and each message."""
        words = sum(len(message.content.split()) + 1 for message in messages)
        return list(range(words))

    def default_max_tokens(self) -> int | None:
        """Return the longest reply when the request sets no limit."""
        return _DEFAULT_MAX_TOKENS

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """Yield each token when it is due, and several at once after falling behind."""
        key = script_key(generation.messages, generation.sampling.seed)
        done = len(generation.prefix_ids)
        length = script_length(
            key, done + generation.max_tokens, ignore_end=generation.sampling.ignore_eos
        )
        finish: FinishReason = "length" if length == done + generation.max_tokens else "stop"
        clock = asyncio.get_running_loop().time
        started, first = clock(), done
        while done < length:
            await asyncio.sleep(max(0.0, started + (done - first + 1) * self._interval_s - clock()))
            due = first + max(done - first + 1, int((clock() - started) / self._interval_s))
            ids = [script_token(key, index) for index in range(done, min(due, length))]
            done += len(ids)
            tokens = [(token_id, VOCABULARY[token_id]) for token_id in ids]
            yield Piece(tokens, finish if done == length else None)

    async def check(self) -> None:
        """Do nothing: a script cannot die."""

    async def close(self) -> None:
        """Do nothing: there is nothing to free."""
