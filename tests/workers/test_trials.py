"""A suspect is tried alone; who hands over, wakes up or lives on says so in the log."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from schemas.events import PromptSubmitted
from schemas.frames import Attempt, Note
from schemas.reply_log import Claim
from tests.support.asking import Asker, expected_text
from tests.support.servers import NatsServer
from tests.support.worker_process import WorkerProcess
from tests.workers.in_process import CommandedEngine, Scene, a_scene
from tests.workers.killing_worker import STARTS_LATE
from workers.engines.port import Generation, Piece
from workers.errors import EngineDied
from workers.prompt_puller import PromptPuller
from workers.suspicion import MAX_DEADLY_TRIALS


async def leave_attempts(asker: Asker, prompt: PromptSubmitted, *attempts: Attempt) -> None:
    """Write attempts of workers that died without a token."""
    last = Claim(attempts[-1].n, attempts[-1].worker, 0)
    fence = await asker.log.write_register(prompt.reply_id, last, 0)
    for attempt in attempts:
        await asker.log.append_fenced(prompt.reply_id, attempt, fence)


async def submit_suspect(scene: Scene, content: str) -> PromptSubmitted:
    """Submit a prompt whose first worker died."""
    prompt = scene.prompt(content, max_tokens=30)
    await leave_attempts(scene, prompt, Attempt(1, "dead"))
    return await scene.submit(prompt)


async def deliveries(scene: Scene, prompt: PromptSubmitted) -> int:
    """Return how often the broker has handed the prompt out, by its latest claim."""
    claim = (await scene.log.read_register(prompt.reply_id)).claim
    assert claim is not None
    return claim.delivery


def is_trial(frame: object) -> bool:
    return isinstance(frame, Attempt) and frame.alone


async def test_nobody_starts_beside_a_suspect_before_its_first_token(nats_url: str) -> None:
    engine = CommandedEngine()
    speak = engine.silence("suspect")
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        running = await scene.ask("has begun", max_tokens=2_000)
        await scene.read_until(running.reply_id, lambda folded: folded.state.tokens > 0)
        suspect = await submit_suspect(scene, "suspect")
        await scene.frames_until(suspect.reply_id, lambda frames: any(map(is_trial, frames)))
        neighbour = await scene.ask("neighbour", max_tokens=30)
        await scene.claimed_by_worker(neighbour.reply_id)
        assert sorted(engine.running) == ["has begun", "suspect"]
        assert await scene.frames(neighbour.reply_id) == []
        speak.set()
        for prompt in (suspect, neighbour):
            assert (await scene.read_to_end(prompt.reply_id)).text == expected_text(prompt)


async def test_a_suspect_waits_for_neighbours_that_have_no_token_yet(nats_url: str) -> None:
    engine = CommandedEngine()
    speak = engine.silence("neighbour")
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        neighbour = await scene.ask("neighbour", max_tokens=30)
        await engine.until_running("neighbour")
        suspect = await submit_suspect(scene, "suspect")
        await scene.claimed_by_worker(suspect.reply_id)
        assert not any(map(is_trial, await scene.frames(suspect.reply_id)))
        speak.set()
        for prompt in (suspect, neighbour):
            assert (await scene.read_to_end(prompt.reply_id)).text == expected_text(prompt)


async def test_a_suspect_that_lives_long_enough_is_noted_alive_and_blocks_nobody(
    nats_url: str,
) -> None:
    engine = CommandedEngine()
    speak = engine.silence("slow but healthy")
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine, trial_s=0.3):
        suspect = await submit_suspect(scene, "slow but healthy")
        await scene.frames_until(suspect.reply_id, lambda frames: Note(2, "alive") in frames)
        neighbour = await scene.ask("neighbour", max_tokens=30)
        assert (await scene.read_to_end(neighbour.reply_id)).text == expected_text(neighbour)
        speak.set()
        folded = await scene.read_to_end(suspect.reply_id)
        assert folded.text == expected_text(suspect)
        finished = await scene.finished(suspect)
        assert finished.text == folded.text


async def test_a_suspect_can_be_cancelled_while_it_waits_for_its_turn(nats_url: str) -> None:
    engine = CommandedEngine()
    speak = engine.silence("first suspect")
    async with a_scene(nats_url) as scene, scene.worker(nats_url, engine):
        first = await submit_suspect(scene, "first suspect")
        await engine.until_running("first suspect")
        second = await submit_suspect(scene, "second suspect")
        await scene.claimed_by_worker(second.reply_id)
        fence = await scene.write_cancel(second.reply_id)
        await scene.ask_for_slot(second.reply_id, fence)
        assert (await scene.finished(second)).status == "cancelled"
        speak.set()
        assert (await scene.read_to_end(first.reply_id)).text == expected_text(first)


async def test_three_workers_that_died_in_trials_condemn_the_prompt(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = scene.prompt("condemned")
        trials = [Attempt(n, f"dead-{n}", alone=True) for n in range(2, 2 + MAX_DEADLY_TRIALS)]
        await leave_attempts(scene, prompt, Attempt(1, "dead-1"), *trials)
        folded = await scene.read_to_end((await scene.submit(prompt)).reply_id)
        assert folded.end is not None
        assert folded.end.error is not None
        assert folded.end.error.code == "poison"


async def test_hand_overs_condemn_no_prompt_however_many(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = scene.prompt("much travelled", max_tokens=20)
        attempts = [Attempt(n, f"drained-{n}") for n in range(1, 21)]
        await leave_attempts(scene, prompt, *attempts)
        for attempt in attempts:
            await scene.log.append(prompt.reply_id, Note(attempt.n, "handed_over"))
        folded = await scene.read_to_end((await scene.submit(prompt)).reply_id)
        assert folded.text == expected_text(prompt)
        assert not any(map(is_trial, await scene.frames(prompt.reply_id)))


async def test_a_drain_before_the_first_token_is_noted_and_makes_no_suspect(nats_url: str) -> None:
    draining, other = CommandedEngine(), CommandedEngine()
    draining.silence("not yet")
    async with a_scene(nats_url) as scene, contextlib.AsyncExitStack() as stack:
        first = contextlib.AsyncExitStack()
        await first.enter_async_context(scene.worker(nats_url, draining))
        prompt = await scene.ask("not yet", max_tokens=20)
        await draining.until_running("not yet")
        await scene.frames_until(prompt.reply_id, lambda frames: len(frames) == 1)
        await stack.enter_async_context(scene.worker(nats_url, other))
        await scene.hear_beacons(2)
        await first.aclose()
        folded = await scene.read_to_end(prompt.reply_id)
        assert folded.text == expected_text(prompt)
        frames = await scene.frames(prompt.reply_id)
        assert Note(1, "handed_over") in frames
        assert not any(map(is_trial, frames))
        # The one that gave it back did not get it again.
        assert await deliveries(scene, prompt) == 2


class DyingEngine(CommandedEngine):
    """An engine that is gone soon after it is asked for a token."""

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        await asyncio.sleep(0.2)
        raise EngineDied
        yield


async def test_a_dead_engine_vouches_for_nobody_and_is_tried_once_a_worker(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = PromptPuller.stop

    async def stop_late(puller: PromptPuller) -> None:
        await asyncio.sleep(0.3)
        await stop(puller)

    # On a busy machine prompts come in for a while after the engine has died.
    monkeypatch.setattr(PromptPuller, "stop", stop_late)
    async with a_scene(nats_url) as scene:
        prompt = await scene.ask("who did it", max_tokens=20)
        with pytest.raises(EngineDied):
            async with scene.worker(nats_url, DyingEngine()):
                await scene.frames_until(prompt.reply_id, lambda frames: len(frames) > 0)
        frames = await scene.frames(prompt.reply_id)
        assert [type(frame) for frame in frames] == [Attempt]
        async with scene.worker(nats_url, CommandedEngine()):
            folded = await scene.read_to_end(prompt.reply_id)
        assert folded.text == expected_text(prompt)
        assert any(map(is_trial, await scene.frames(prompt.reply_id)))
        assert await deliveries(scene, prompt) == 2


async def test_a_worker_that_was_paused_says_that_its_prompt_did_not_kill_it(
    fresh_nats_server: NatsServer, tmp_path: Path
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        module = "tests.workers.killing_worker"
        paused = WorkerProcess(tmp_path, fresh_nats_server.url, module).start()
        other = WorkerProcess(tmp_path, fresh_nats_server.url, module)
        try:
            prompt = await asker.ask(f"{STARTS_LATE}, too", max_tokens=20)
            await asker.frames_until(prompt.reply_id, lambda frames: len(frames) > 0)
            paused.pause()
            await asyncio.to_thread(other.start)
            await asker.frames_until(prompt.reply_id, lambda frames: any(map(is_trial, frames)))
            paused.signal(signal.SIGCONT)
            await asker.frames_until(prompt.reply_id, lambda frames: Note(1, "alive") in frames)
            folded = await asker.read_to_end(prompt.reply_id)
            assert folded.text == expected_text(prompt)
        finally:
            paused.stop()
            other.stop()
