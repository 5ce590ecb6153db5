"""Give up requests to vLLM at every early moment: ``python -m tests.workers.abandoning_requests``.

Prints how many of them vLLM still knows afterwards. Sending a request to the engine core is made
slow, as it is on a busy machine, so that some are given up in the middle of it.
"""

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path

import workers
from schemas.events import ChatMessage, Sampling
from workers.app import UNCOMPILED
from workers.engines.port import Generation
from workers.engines.vllm_engine import VllmEngine

_WEIGHTS = Path(workers.__file__).parent / "demo_model" / "weights"
_REQUESTS = 96
# Turns of the event loop after which a request is given up: before, while and after it is added.
_MOMENTS = 12
_SLOW_TURNS = 6


async def main() -> None:
    """Load the demo model, give up requests, print what is left of them."""
    arguments = {"compilation_config": UNCOMPILED, "max_num_seqs": 64, "use_tqdm_on_load": False}
    engine = VllmEngine.load(str(_WEIGHTS), arguments)
    core = engine._llm.engine_core  # the moment that matters is inside
    add = core.add_request_async

    async def add_slowly(request: object) -> None:
        await add(request)
        for _ in range(_SLOW_TURNS):
            await asyncio.sleep(0)

    core.add_request_async = add_slowly
    for number in range(_REQUESTS):
        await give_up(engine, number)
    sys.stdout.write(f"left: {engine._llm.output_processor.get_num_unfinished_requests()}\n")
    await engine.close()


async def give_up(engine: VllmEngine, number: int) -> None:
    """Begin one request and give it up a few turns later."""
    messages = [ChatMessage("user", "What is Rivulet?")]
    ids = await engine.tokenize(messages)
    request = Generation(f"r{number}", messages, ids, [], 1_000, Sampling(ignore_eos=True))

    async def read() -> None:
        async with contextlib.aclosing(engine.generate(request)) as pieces:
            async for _ in pieces:
                pass

    reading = asyncio.create_task(read())
    for _ in range(number % _MOMENTS):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait({reading})


if __name__ == "__main__":
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    asyncio.run(main())
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
