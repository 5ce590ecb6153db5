"""A worker whose engine dies of certain prompts: ``python -m tests.workers.killing_worker``.

The whole process dies with it, at once, as of a segmentation fault in native code.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence

import uvloop

from schemas.events import ChatMessage
from schemas.logs import configure_logs
from schemas.settings import read_settings
from workers.app import serve
from workers.engines.port import Generation, Piece
from workers.engines.scripted_engine import ScriptedEngine
from workers.settings import WorkerSettings

# A prompt with one of these words in it kills the worker when the engine begins with it, or
# before, in the chat template; the last only makes the first token late.
KILLS_IN_ENGINE = "deadly"
KILLS_IN_TEMPLATE = "lethal"
STARTS_LATE = "sluggish"
LATE_S = 2.0
_EXIT_CODE = 66


class KillingEngine(ScriptedEngine):
    """A scripted engine that some prompts kill."""

    async def tokenize(self, messages: Sequence[ChatMessage]) -> list[int]:
        if says(messages, KILLS_IN_TEMPLATE):
            os._exit(_EXIT_CODE)
        return await super().tokenize(messages)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        if says(generation.messages, KILLS_IN_ENGINE):
            # Time enough for a neighbour that should not be there to be dragged along.
            await asyncio.sleep(0.05)
            os._exit(_EXIT_CODE)
        if says(generation.messages, STARTS_LATE):
            await asyncio.sleep(LATE_S)
        async for piece in super().generate(generation):
            yield piece


def says(messages: Sequence[ChatMessage], word: str) -> bool:
    """Tell whether a word is in one of the messages."""
    return any(word in message.content for message in messages)


def main() -> None:
    """Serve as ``python -m workers`` does."""
    settings = WorkerSettings.read(read_settings())
    configure_logs("worker", settings.log_level)
    uvloop.run(serve(settings, lambda chosen: KillingEngine(chosen.scripted_tokens_per_s)))


if __name__ == "__main__":
    main()
