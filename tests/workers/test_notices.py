"""Cancellers ask for the engine slot; the worker that runs the reply answers once it is free."""

import asyncio

import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from schemas import subjects
from schemas.frames import Delta, End
from schemas.reply_log import Claim, RegisterState, ReplyLog
from tests.workers.in_process import CommandedEngine, a_scene

_LONG = {"max_tokens": 4_000, "ignore_eos": True}


async def test_a_worker_answers_once_the_slot_of_a_running_reply_is_free(nats_url: str) -> None:
    engine = CommandedEngine()
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        prompt = await scene.ask("cancel me", **_LONG)
        await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
        engine.may_stop.clear()
        fence = await scene.write_cancel(prompt.reply_id)
        asked = asyncio.create_task(scene.ask_for_slot(prompt.reply_id, fence))
        done, _ = await asyncio.wait({asked}, timeout=0.3)
        assert not done, "it answered while the engine was still busy"
        engine.may_stop.set()
        assert (await asked).worker.startswith("here-")
        assert engine.running == []
        folded = await scene.read_to_end(prompt.reply_id)
        assert folded.end is not None
        assert folded.end.status == "cancelled"


async def test_the_slot_is_free_before_anything_is_reported(nats_url: str) -> None:
    engine = CommandedEngine()
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        prompt = await scene.ask("cancel me", **_LONG)
        await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
        # No cancel in the register: the worker finds nothing to report, but the notice is final.
        await scene.ask_for_slot(prompt.reply_id, 10**9)
        assert engine.running == []
        assert not any(isinstance(f, End) for f in await scene.frames(prompt.reply_id))


async def test_a_reply_without_a_token_yet_frees_its_slot_too(nats_url: str) -> None:
    engine = CommandedEngine()
    engine.silence("slow to speak")
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        prompt = await scene.ask("slow to speak")
        await engine.until_running("slow to speak")
        await scene.frames_until(prompt.reply_id, lambda frames: len(frames) > 0)
        fence = await scene.write_cancel(prompt.reply_id)
        await scene.ask_for_slot(prompt.reply_id, fence)
        assert engine.running == []
        assert (await scene.finished(prompt)).status == "cancelled"


async def test_a_head_start_frees_its_slot_while_the_claim_is_still_on_its_way(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_claim = asyncio.Event()
    write_register = ReplyLog.write_register

    async def write_late(log: ReplyLog, reply_id: str, claim: Claim, expected: int) -> int:
        if not claim.cancel:
            await may_claim.wait()
        return await write_register(log, reply_id, claim, expected)

    monkeypatch.setattr(ReplyLog, "write_register", write_late)
    engine = CommandedEngine()
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        prompt = await scene.ask("early bird", **_LONG)
        await engine.until_running("early bird")
        assert await scene.log.read_register(prompt.reply_id) == RegisterState(None, 0)
        fence = await scene.write_cancel(prompt.reply_id)
        await scene.ask_for_slot(prompt.reply_id, fence)
        assert engine.running == []
        may_claim.set()
        finished = await scene.finished(prompt)
        assert (finished.status, finished.text) == ("cancelled", "")
        assert not any(isinstance(f, Delta) for f in await scene.frames(prompt.reply_id))


async def test_a_reply_that_ended_in_the_meantime_is_answered_at_once(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = await scene.ask("over already", max_tokens=3)
        await scene.finished(prompt)
        assert (await scene.ask_for_slot(prompt.reply_id, 1)).worker.startswith("here-")


async def test_a_worker_that_does_not_run_the_reply_stays_silent(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        stranger = scene.prompt("never submitted")
        with pytest.raises((NatsTimeoutError, NoRespondersError)):
            await scene.ask_for_slot(stranger.reply_id, 1, timeout_s=0.5)


async def test_a_cancel_does_not_wait_for_another_ones_slot(nats_url: str) -> None:
    engine = CommandedEngine()
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        over = await scene.ask("over already", max_tokens=3)
        await scene.finished(over)
        stuck = await scene.ask("stuck", **_LONG)
        await scene.read_until(stuck.reply_id, lambda folded: folded.state.tokens > 3)
        engine.may_stop.clear()
        inbox = scene.broker.new_inbox()
        answers = await scene.broker.subscribe(inbox)
        notice = subjects.control(stuck.reply_id)
        fence = await scene.write_cancel(stuck.reply_id)
        await scene.broker.publish(notice, str(fence).encode(), reply=inbox)
        # On the same connection, so the worker hears it after the first.
        await scene.ask_for_slot(over.reply_id, 1)
        assert engine.running == ["stuck"]
        engine.may_stop.set()
        await answers.next_msg(timeout=10)


async def test_64_running_replies_are_cancelled_side_by_side_and_each_is_answered(
    nats_url: str,
) -> None:
    engine = CommandedEngine(50.0)
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        prompts = [await scene.ask(f"one of many {i}", **_LONG) for i in range(64)]
        for prompt in prompts:
            await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 0)
        fences = [await scene.write_cancel(prompt.reply_id) for prompt in prompts]
        await asyncio.gather(
            *(
                scene.ask_for_slot(prompt.reply_id, fence)
                for prompt, fence in zip(prompts, fences, strict=True)
            )
        )
        assert engine.running == []
        for prompt in prompts:
            finished = await scene.finished(prompt)
            assert finished.status == "cancelled"
            assert finished.usage.completion_tokens > 0
            assert finished.usage.prompt_tokens == 5


async def test_a_notice_without_a_reply_subject_is_not_answered(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = await scene.ask("go on", max_tokens=40)
        # An older claim's notice, which comes late: it stops nobody.
        await scene.broker.publish(subjects.control(prompt.reply_id), b"1")
        folded = await scene.read_to_end(prompt.reply_id)
        assert folded.end is not None
        assert folded.end.status == "completed"
