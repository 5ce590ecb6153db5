"""Run vLLM's AsyncLLM in this process; ``vllm_loading`` starts it, and nobody else imports vLLM.

The engine core is a child process of vLLM's. Tokens come back as ids only
(``detokenize=False``) and are turned into text here, one by one, with vLLM's own incremental
detokenizer: a frame must say which text belongs to which token, which vLLM's joined text does not.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Self

from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.exceptions import VLLMClientError
from vllm.inputs import tokens_input
from vllm.outputs import RequestOutput
from vllm.renderers.params import ChatParams, TokenizeParams
from vllm.sampling_params import RequestOutputKind, SamplingParams
from vllm.v1.engine import EngineCoreRequest
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.detokenizer import BaseIncrementalDetokenizer, IncrementalDetokenizer
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

from schemas.events import ChatMessage
from workers.engines import cores, vllm_loading
from workers.engines.port import Generation, Piece, Token
from workers.errors import EngineDied, EngineError, PromptRejected

# Ends the prompt with the beginning of the assistant's turn, as vLLM's own server does.
_CHAT = ChatParams(chat_template_kwargs={"add_generation_prompt": True})
# Up to this length the template and the tokenizer take less than the way to vLLM's threads and
# back (0.1 against 0.25 ms for a short question on an idle machine, more on a busy one).
_INLINE_CHARACTERS = 4_000
# Left to themselves, idle vLLM processes take over seven seconds to unwind.
_SHUTDOWN_S = 1.0
# The template writes the special tokens itself. No limit here: a prompt that is too long gets our
# own error, which names both lengths.
_AS_TEMPLATED = TokenizeParams(max_total_tokens=None, add_special_tokens=False)
# Passed on under the same name when a request sets them; the rest is the model's default.
_SAMPLING_FIELDS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "presence_penalty",
    "frequency_penalty",
    "repetition_penalty",
    "seed",
)


class VllmEngine:
    """One model in vLLM, in this process."""

    def __init__(self, llm: AsyncLLM) -> None:
        self._llm = llm
        cores.leave_to_engine()
        self._renderer = llm.renderer
        self._tokenizer = llm.renderer.get_tokenizer()
        # From the model's generation_config.json, as vLLM's own server does.
        self._defaults: dict[str, Any] = llm.model_config.get_diff_sampling_param()

    @classmethod
    def load(cls, model: str, arguments: dict[str, Any]) -> Self:
        """Load ``model`` (a hub id or a folder); takes seconds to minutes.

        Call it inside a running event loop and before sockets and threads are made: vLLM may
        fork. ``arguments`` are further fields of vLLM's ``AsyncEngineArgs``.
        """
        return cls(vllm_loading.load(AsyncEngineArgs(model=model, **arguments)))

    @property
    def max_model_len(self) -> int:
        """Tokens of the whole context."""
        return int(self._llm.model_config.max_model_len)

    def default_max_tokens(self) -> int | None:
        """Return ``max_new_tokens`` of the model's generation config, if it has one."""
        limit = self._defaults.get("max_tokens")
        return None if limit is None else int(limit)

    async def tokenize(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Render the chat template; raises ``PromptRejected`` when the template refuses."""
        conversation = [{"role": m.role, "content": m.content} for m in messages]
        render: Any = self._renderer
        try:
            if sum(len(m.content) for m in messages) <= _INLINE_CHARACTERS:
                _, prompts = render.render_chat([conversation], _CHAT, _AS_TEMPLATED)
            else:
                _, prompts = await render.render_chat_async([conversation], _CHAT, _AS_TEMPLATED)
        except (ValueError, TypeError) as error:
            raise PromptRejected(f"The chat template refuses these messages: {error}") from error
        return list(prompts[0]["prompt_token_ids"])

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """Yield pieces as vLLM makes them; closing the iterator aborts the request."""
        params = self._sampling_params(generation)
        input_ids = [*generation.prompt_ids, *generation.prefix_ids]
        detokenizer = self._detokenizer(generation.request_id, input_ids, params)
        outputs = self._llm.generate(tokens_input(input_ids), params, generation.request_id)
        answered = False
        try:
            async with contextlib.aclosing(outputs):
                async for output in outputs:
                    answered = True
                    yield _piece(output, detokenizer)
        except (asyncio.CancelledError, GeneratorExit):
            if not answered:
                # vLLM can forget a request that is given up while it is being added, and then
                # generates the whole reply for nobody (vllm-project/vllm#57061).
                await self._llm.abort(generation.request_id)
            raise
        except EngineDeadError as error:
            raise EngineDied from error
        except EngineGenerateError as error:
            raise EngineError(f"vLLM failed: {error.__cause__ or error}") from error
        except (VLLMClientError, ValueError) as error:
            raise PromptRejected(f"vLLM refuses the request: {error}") from error

    async def check(self) -> None:
        """Raise ``EngineDied`` when the engine core or its output handler is gone."""
        try:
            await self._llm.check_health()
        except EngineDeadError as error:
            raise EngineDied from error

    async def close(self) -> None:
        """End vLLM's processes; nothing may be running, so there is nothing to wait for."""
        # It reports the impatience that is asked for here as a warning.
        logging.getLogger("vllm.v1.utils").setLevel(logging.ERROR)
        self._llm.shutdown(timeout=_SHUTDOWN_S)

    def _sampling_params(self, generation: Generation) -> SamplingParams:
        sampling, max_tokens = generation.sampling, generation.max_tokens
        min_tokens = max(0, sampling.min_tokens - len(generation.prefix_ids))
        chosen = {name: getattr(sampling, name) for name in _SAMPLING_FIELDS}
        given = {name: value for name, value in chosen.items() if value is not None}
        bias = sampling.logit_bias
        try:
            return SamplingParams(
                **{**self._defaults, **given, "max_tokens": max_tokens},
                min_tokens=min(min_tokens, max_tokens),
                stop_token_ids=list(sampling.stop_token_ids),
                ignore_eos=sampling.ignore_eos,
                logit_bias={int(k): v for k, v in bias.items()} if bias else None,
                output_kind=RequestOutputKind.DELTA,
                detokenize=False,
                # They are this request's own; vLLM's server spares the copy, too.
                skip_clone=True,
            )
        except ValueError as error:
            raise PromptRejected(f"vLLM refuses these sampling parameters: {error}") from error

    def _detokenizer(
        self, request_id: str, input_ids: list[int], params: SamplingParams
    ) -> BaseIncrementalDetokenizer:
        request = EngineCoreRequest(
            request_id=request_id,
            prompt_token_ids=input_ids,
            mm_features=None,
            sampling_params=params,
            pooling_params=None,
            arrival_time=0.0,
            lora_request=None,
            cache_salt=None,
            data_parallel_rank=None,
        )
        detokenizer = IncrementalDetokenizer.from_new_request(self._tokenizer, request)
        if not isinstance(detokenizer, BaseIncrementalDetokenizer):
            raise PromptRejected("This model has no tokenizer, so it cannot chat.")
        return detokenizer


def _piece(output: RequestOutput, detokenizer: BaseIncrementalDetokenizer) -> Piece:
    completion = output.outputs[0]
    reason = completion.finish_reason
    ids = completion.token_ids
    # The token that stopped the reply (end of turn, or a stop token id) is counted but not shown.
    silent = ids[-1:] if reason == "stop" else ()
    shown = ids[: len(ids) - len(silent)]
    tokens: list[Token] = [
        (token_id, detokenizer.decode_next(token_id) or "") for token_id in shown
    ]
    tokens += [(token_id, "") for token_id in silent]
    if reason in ("abort", "error"):
        raise EngineError(f"vLLM broke the reply off ({reason}).")
    if reason is None:
        return Piece(tokens, None, output.num_cached_tokens or 0)
    return Piece(tokens, "length" if reason == "length" else "stop", output.num_cached_tokens or 0)
