"""What a worker with real vLLM must do; run on whatever engine is installed, and on CUDA.

``VllmContract`` needs a fixture ``worker``: a running worker process with the demo model on the
broker at ``nats_url``.
"""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from schemas.fold import FoldedReply
from schemas.frames import Attempt, Delta, delta_of
from schemas.reply_log import Claim
from tests.support.asking import Asker
from tests.support.worker_process import WorkerProcess

GREEDY: dict[str, object] = {"temperature": 0.0, "max_tokens": 48, "ignore_eos": True}
_QUESTION = "What is Rivulet?"


def tokens_of(deltas: list[Delta]) -> Iterator[tuple[int, str]]:
    """Yield each token with its own text."""
    for delta in deltas:
        cuts = [0, *(delta.cuts or [len(delta.text)])]
        for index, token_id in enumerate(delta.token_ids):
            yield token_id, delta.text[cuts[index] : cuts[index + 1]]


async def undisturbed(asker: Asker, content: str) -> tuple[FoldedReply, list[tuple[int, str]]]:
    """Return a greedy reply and its tokens."""
    prompt = await asker.ask(content, **GREEDY)
    folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
    deltas = [f for f in await asker.frames(prompt.reply_id) if isinstance(f, Delta)]
    return folded, list(tokens_of(deltas))


class VllmContract:
    """Test methods; a subclass collects them."""

    async def test_a_greedy_answer_is_the_same_twice_and_counts_its_tokens(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            first, tokens = await undisturbed(asker, _QUESTION)
            second, _ = await undisturbed(asker, _QUESTION)
        assert first.text == second.text
        assert first.token_ids == second.token_ids
        assert len(tokens) == 48
        assert first.end is not None
        assert first.end.usage is not None
        assert first.end.usage.completion_tokens == 48
        assert first.end.usage.prompt_tokens > 3
        assert first.end.finish_reason == "length"

    async def test_an_answer_ends_by_itself(self, nats_url: str, worker: WorkerProcess) -> None:
        async with Asker.connected(nats_url) as asker:
            prompt = await asker.ask(_QUESTION, temperature=0.0)
            folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
        assert "Rivulet" in folded.text
        assert folded.end is not None
        assert folded.end.finish_reason == "stop"

    @pytest.mark.parametrize("content", [_QUESTION, "Tell me something with an emoji 🌊 héllo"])
    async def test_a_greedy_answer_goes_on_exactly_after_any_prefix(
        self, nats_url: str, worker: WorkerProcess, content: str
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            whole, tokens = await undisturbed(asker, content)
            settled = [index + 1 for index, (_, text) in enumerate(tokens) if text]
            for length in settled[:: max(1, len(settled) // 8)][:8]:
                prompt = asker.prompt(content, **GREEDY)
                fence = await asker.log.write_register(prompt.reply_id, Claim(1, "dead"), 0)
                await asker.log.append_fenced(prompt.reply_id, Attempt(1, "dead"), fence)
                await asker.log.append(prompt.reply_id, delta_of(1, 0, tokens[:length]))
                await asker.submit(prompt)
                resumed = await asker.read_to_end(prompt.reply_id, timeout_s=60)
                assert resumed.text == whole.text
                assert resumed.token_ids == whole.token_ids

    async def test_a_stop_string_cuts_the_answer_wherever_its_tokens_lie(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            whole, _ = await undisturbed(asker, _QUESTION)
            for start in (5, 12, 21):
                stop = whole.text[start : start + 4]
                prompt = await asker.ask(_QUESTION, **GREEDY, stop=(stop,))
                folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
                assert folded.text == whole.text[: whole.text.find(stop)]
                assert folded.end is not None
                assert folded.end.finish_reason == "stop"

    async def test_every_sampling_parameter_is_taken(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        sampling: dict[str, object] = {
            "temperature": 0.9, "top_p": 0.9, "top_k": 20, "min_p": 0.01, "seed": 7,
            "presence_penalty": 0.1, "frequency_penalty": 0.1, "repetition_penalty": 1.1,
            "logit_bias": {"5": -10.0}, "min_tokens": 4, "max_tokens": 12, "stop_token_ids": (1,),
        }  # fmt: skip
        async with Asker.connected(nats_url) as asker:
            texts = []
            for _ in range(2):
                prompt = await asker.ask("Tell me a joke", **sampling)
                folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
                assert folded.end is not None
                assert folded.end.status == "completed", folded.end
                assert 4 <= folded.state.tokens <= 12
                texts.append(folded.text)
        assert texts[0] == texts[1]

    async def test_a_parameter_that_vllm_refuses_fails_the_reply_and_nothing_else(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            prompt = await asker.ask(_QUESTION, logit_bias={"99999999": 1.0})
            folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
            assert folded.end is not None
            assert folded.end.error is not None
            assert folded.end.error.code == "bad_prompt"
            assert (await asker.finished(prompt)).attempts == 1
            await undisturbed(asker, _QUESTION)

    async def test_a_prompt_longer_than_the_context_is_refused_with_both_numbers(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            prompt = await asker.ask("river " * 5_000)
            folded = await asker.read_to_end(prompt.reply_id, timeout_s=60)
            assert (await asker.finished(prompt)).attempts == 1
        assert folded.end is not None
        assert folded.end.error is not None
        assert folded.end.error.code == "context_length_exceeded"

    async def test_many_replies_at_once_are_each_their_own(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            prompts = [await asker.ask(_QUESTION, **GREEDY) for _ in range(32)]
            texts = {(await asker.read_to_end(p.reply_id, timeout_s=60)).text for p in prompts}
        assert len(texts) == 1

    async def test_a_cancel_frees_the_slot_in_the_middle_of_a_reply(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        async with Asker.connected(nats_url) as asker:
            prompt = await asker.ask(_QUESTION, ignore_eos=True, max_tokens=1_500)
            await asker.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
            await asker.cancel(prompt.reply_id)
            folded = await asker.read_to_end(prompt.reply_id)
            assert folded.end is not None
            assert folded.end.status == "cancelled"
            assert folded.state.tokens < 1_500

    async def test_when_the_engine_dies_the_worker_ends_with_a_clear_log(
        self, nats_url: str, worker: WorkerProcess
    ) -> None:
        assert worker.process is not None
        engines = psutil.Process(worker.process.pid).children(recursive=True)
        core = next(child for child in engines if "EngineCore" in " ".join(child.cmdline()))
        os.kill(core.pid, signal.SIGKILL)
        assert worker.wait() == 1
        assert worker.wait_for_event("engine_died")["level"] == "critical"
        gone, alive = psutil.wait_procs(engines, timeout=10)
        assert (len(gone), alive) == (len(engines), [])
