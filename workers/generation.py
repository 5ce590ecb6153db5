"""Turn one engine request into the pieces that may be published. No broker, no clock."""

import contextlib
from collections.abc import AsyncGenerator

from workers.engines.port import Engine, Generation, Piece
from workers.errors import EngineError
from workers.stop_strings import StopStrings


async def settled_pieces(
    engine: Engine, generation: Generation, *, before: str = ""
) -> AsyncGenerator[Piece, None]:
    """Yield pieces of settled tokens; exactly the last one has ``finish``.

    ``before`` is the text of the prefix.

    Raises what the engine raises, and ``EngineError`` if it goes silent without an end.
    """
    sampling = generation.sampling
    unchecked = max(0, sampling.min_tokens - len(generation.prefix_ids))
    stops = StopStrings(sampling.stop, min_tokens=unchecked, before=before)
    async with contextlib.aclosing(engine.generate(generation)) as pieces:
        async for piece in pieces:
            tokens = stops.push(piece.tokens)
            if stops.stopped:
                yield Piece(tokens, "stop", piece.cached_tokens)
                return
            if piece.finish is not None:
                yield Piece([*tokens, *stops.flush()], piece.finish, piece.cached_tokens)
                return
            yield Piece(tokens, None, piece.cached_tokens)
    raise EngineError("The engine ended a reply without saying why.")
