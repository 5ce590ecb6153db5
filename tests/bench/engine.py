"""The in-process engine: no server and no broker, tokens as they leave vLLM's front end.

Lines of ``[streams, replies]`` come in, the figures of ``tests.bench.load.Run`` go out.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from typing import Any, TextIO

import uvloop
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.inputs import tokens_input
from vllm.sampling_params import RequestOutputKind, SamplingParams
from vllm.v1.engine.async_llm import AsyncLLM

from tests.bench.load import QUESTIONS, TOKENS_PER_REPLY
from workers.app import UNCOMPILED

_PARAMS = SamplingParams(
    temperature=0,
    max_tokens=TOKENS_PER_REPLY,
    ignore_eos=True,
    output_kind=RequestOutputKind.DELTA,
)


class _Load:
    """Replies by one engine; the questions are those of the other contestants."""

    def __init__(self, llm: AsyncLLM) -> None:
        self._llm = llm
        tokenizer: Any = llm.renderer.get_tokenizer()
        self._prompts = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": question}],
                add_generation_prompt=True,
                return_dict=False,
            )
            for question in QUESTIONS
        ]
        self._numbers = itertools.count()

    async def run(self, streams: int, replies: int) -> tuple[float, list[float], list[float]]:
        waiting = iter(range(replies))
        firsts: list[float] = []
        gaps: list[float] = []

        async def client() -> None:
            for index in waiting:
                times = await self._one(index)
                firsts.append(times[1] - times[0])
                gaps.extend(later - earlier for earlier, later in itertools.pairwise(times[1:]))

        started = time.perf_counter()
        async with asyncio.TaskGroup() as clients:
            for _ in range(streams):
                clients.create_task(client())
        return replies * TOKENS_PER_REPLY / (time.perf_counter() - started), firsts, gaps

    async def _one(self, index: int) -> list[float]:
        """Return when the reply was asked for, and when each of its outputs came."""
        times = [time.perf_counter()]
        tokens = 0
        prompt = tokens_input(list(self._prompts[index % len(self._prompts)]))
        async for output in self._llm.generate(prompt, _PARAMS, str(next(self._numbers))):
            times.append(time.perf_counter())
            tokens += len(output.outputs[0].token_ids)
        assert tokens == TOKENS_PER_REPLY, f"{tokens} tokens"
        return times


async def _serve(model: str, slots: int, answers: TextIO) -> None:
    engine_args = AsyncEngineArgs(
        model=model,
        max_num_seqs=slots,
        compilation_config=UNCOMPILED,
        disable_log_stats=True,
    )
    llm = AsyncLLM.from_engine_args(engine_args)
    load = _Load(llm)
    print("ready", file=answers, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        streams, replies = json.loads(line)
        print(json.dumps(await load.run(streams, replies)), file=answers, flush=True)
    llm.shutdown(timeout=1.0)


def main() -> None:
    """Serve until the end of the input."""
    # Whatever libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2]), answers))


if __name__ == "__main__":
    main()
