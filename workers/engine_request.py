"""One request to the engine for one attempt at a reply: begun at once, closed exactly once."""

import asyncio
from collections.abc import AsyncGenerator
from typing import NamedTuple

import structlog

from schemas.events import PromptSubmitted
from schemas.fold import FoldedReply
from workers.engines.port import Engine, Generation, Piece
from workers.errors import EngineDied
from workers.generation import settled_pieces
from workers.outcome import Outcome, tokens_left
from workers.reply_meter import ReplyMeter

log = structlog.get_logger(__name__)


class Begun(NamedTuple):
    """What the engine makes: the first piece, and the rest as it comes."""

    first: Piece
    rest: AsyncGenerator[Piece, None]


class EngineRequest:
    """Attempt ``n`` at the reply of ``prompt`` after ``prefix``; ``meter`` learns its length."""

    def __init__(
        self,
        engine: Engine,
        prompt: PromptSubmitted,
        n: int,
        prefix: FoldedReply,
        meter: ReplyMeter,
    ) -> None:
        self._engine = engine
        self._prompt = prompt
        self._n = n
        self._prefix = prefix
        self._meter = meter
        self._beginning = asyncio.create_task(self._begin())
        self._ended = False
        self._closing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the engine may be working on it."""
        return not self._ended and self._closing is None

    async def begun(self) -> Begun | Outcome:
        """Wait for the first piece, or learn that there is nothing to generate.

        Raises what the engine raises.
        """
        return await self._beginning

    def end(self) -> None:
        """Hear that the pieces were read to the last and closed; the engine has nothing left."""
        self._ended = True

    async def close(self) -> None:
        """Abort what still runs and return once the engine's slot is free.

        Nobody may be waiting for a piece. Safe to call again, and to be cancelled in.
        """
        if self._ended:
            return
        if self._closing is None:
            # A task of its own: an abort that is itself cut short leaves the slot taken.
            self._closing = asyncio.create_task(self._close())
        await asyncio.wait({self._closing})

    async def _begin(self) -> Begun | Outcome:
        engine, prompt, prefix = self._engine, self._prompt, self._prefix
        prompt_ids = await engine.tokenize(prompt.messages)
        self._meter.prompt(len(prompt_ids))
        max_tokens = tokens_left(prompt.sampling, engine, len(prompt_ids), prefix)
        if isinstance(max_tokens, Outcome):
            return max_tokens
        generation = Generation(
            f"{prompt.reply_id}.{self._n}",
            prompt.messages,
            prompt_ids,
            prefix.token_ids,
            max_tokens,
            prompt.sampling,
        )
        pieces = settled_pieces(engine, generation, before=prefix.text)
        return Begun(await anext(pieces), pieces)

    async def _close(self) -> None:
        self._beginning.cancel()
        await asyncio.wait({self._beginning})
        if self._beginning.cancelled() or self._beginning.exception() is not None:
            return
        begun = self._beginning.result()
        if isinstance(begun, Begun):
            try:
                await begun.rest.aclose()
            except EngineDied:
                log.debug("engine_died_before_its_slot_was_freed")
