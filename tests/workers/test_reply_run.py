"""One prompt in hand: it is claimed again when it comes back, and its end is the log's."""

import asyncio
import contextlib
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nats.aio.msg import Msg

from schemas import subjects
from schemas.beacon import decode_beacon
from schemas.direct_get import DirectGet
from schemas.ending import finished_from_log
from schemas.events import PromptSubmitted
from schemas.frames import Attempt, Delta
from schemas.reply_log import Claim, ReplyLog, StoredFrame
from schemas.streams import CHAT, declare_consumer, worker_consumer
from tests.support.asking import expected_text
from tests.workers.in_process import CommandedEngine, Scene, a_scene
from workers.claiming import Claimant
from workers.completion import Completion
from workers.delta_publisher import DeltaPublisher
from workers.engine_request import EngineRequest
from workers.reply_run import ReplyRun
from workers.start_gate import StartGate
from workers.tools import Tools


class SlowLog(ReplyLog):
    """A log whose reads wait until the test lets them."""

    may_read: asyncio.Event
    reading: asyncio.Event

    async def read(self, reply_id: str, after: int = 0) -> list[StoredFrame]:
        self.reading.set()
        await self.may_read.wait()
        return await super().read(reply_id, after)


class Steps:
    """Counts how often the event loop has gone round."""

    def __init__(self) -> None:
        self.count = 0
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_soon(self._step)

    def stop(self) -> None:
        """Count no further."""
        self._next.cancel()

    def _step(self) -> None:
        self.count += 1
        self._next = self._loop.call_soon(self._step)


class Hand:
    """A stand-in for the worker around its runs: it pulls, and gives redeliveries to the run."""

    def __init__(self, scene: Scene, log: SlowLog, tools: Tools) -> None:
        self.log = log
        self._scene = scene
        self._tools = tools

    async def pull(self) -> Msg:
        """Return the next delivery."""
        consumer = subjects.worker_consumer(self._scene.model)
        pull = await self._scene.broker.jetstream().pull_subscribe_bind(consumer, CHAT)
        (message,) = await pull.fetch(1, timeout=10)
        await pull.unsubscribe()
        return message

    def run(self, prompt: PromptSubmitted, delivery: Msg) -> tuple[ReplyRun, asyncio.Task[None]]:
        """Start a run."""
        run = ReplyRun(prompt, delivery, self._tools)
        return run, asyncio.create_task(run.run())


@contextlib.asynccontextmanager
async def a_hand(scene: Scene) -> AsyncIterator[Hand]:
    """Build what a worker builds, around a slow log."""
    await declare_consumer(scene.broker, worker_consumer(scene.model))
    log = SlowLog(scene.broker, await DirectGet.open(scene.broker))
    log.may_read, log.reading = asyncio.Event(), asyncio.Event()
    log.may_read.set()
    publisher = DeltaPublisher(scene.broker, lambda _: None)
    await publisher.start()
    tools = Tools(
        worker="hand",
        engine=CommandedEngine(),
        log=log,
        claimant=Claimant(scene.broker, log, "hand"),
        publisher=publisher,
        completion=Completion(scene.broker),
        gate=StartGate(),
        trial_s=10.0,
        max_run_ms=1_800_000,
    )
    yield Hand(scene, log, tools)


async def test_a_reply_that_comes_back_while_it_is_being_lost_is_claimed_again(
    nats_url: str,
) -> None:
    async with a_scene(nats_url) as scene, a_hand(scene) as hand:
        prompt = await scene.ask("lost and found", max_tokens=200)
        run, task = hand.run(prompt, await hand.pull())
        await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
        # Another worker takes it over, and dies at once; we are told, and look at what is left.
        hand.log.may_read.clear()
        fence = await scene.take_claim(prompt.reply_id, Claim(2, "ghost", 1))
        await scene.log.append_fenced(prompt.reply_id, Attempt(2, "ghost"), fence)
        run.notice(fence)
        await hand.log.reading.wait()
        await run.delivery.nak()
        run.adopt(await hand.pull())
        hand.log.may_read.set()
        await asyncio.wait_for(task, 20)
        assert run.finished
        finished = await scene.finished(prompt)
        assert (finished.text, finished.attempts) == (expected_text(prompt), 3)
        info = await scene.broker.jetstream().consumer_info(
            CHAT, subjects.worker_consumer(scene.model)
        )
        assert info.num_ack_pending == 0


async def test_the_end_of_a_reply_follows_its_last_token_at_once(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where many replies end in one moment, each step of the loop takes milliseconds."""
    async with a_scene(nats_url) as scene, a_hand(scene) as hand:
        steps = Steps()
        reached: dict[str, int] = {}
        end_request, append_end = EngineRequest.end, hand.log.append_end

        def note_last_token(request: EngineRequest) -> None:
            reached["last token"] = steps.count
            end_request(request)

        async def note_end(*arguments: Any) -> int:
            reached["end"] = steps.count
            return await append_end(*arguments)

        monkeypatch.setattr(EngineRequest, "end", note_last_token)
        monkeypatch.setattr(hand.log, "append_end", note_end)
        prompt = await scene.ask("quickly over", max_tokens=20)
        run, task = hand.run(prompt, await hand.pull())
        await asyncio.wait_for(task, 20)
        steps.stop()
        assert run.finished
        assert reached["end"] - reached["last token"] <= 3


async def test_a_reply_that_is_over_is_no_work_for_the_garbage_collector(nats_url: str) -> None:
    """What refers to itself stays until Python looks for it, and then all replies wait."""
    async with a_scene(nats_url) as scene, a_hand(scene) as hand:
        prompt = await scene.ask("told and forgotten", max_tokens=20)
        gc.disable()
        try:
            run, task = hand.run(prompt, await hand.pull())
            await asyncio.wait_for(task, 20)
            assert run.finished
            parts = [run, run._attempt, run._attempt._generating, run._attempt.writer]
            over = [weakref.ref(part) for part in parts]
            del run, task, parts
            assert [part() for part in over] == [None] * len(over)
        finally:
            gc.enable()


async def test_a_reply_that_is_lost_for_good_is_left_alone(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, a_hand(scene) as hand:
        prompt = await scene.ask("lost", max_tokens=200)
        run, task = hand.run(prompt, await hand.pull())
        await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
        fence = await scene.take_claim(prompt.reply_id, Claim(2, "other", 2))
        run.notice(fence)
        await asyncio.wait_for(task, 20)
        assert not run.finished
        assert (await scene.log.read_register(prompt.reply_id)).sequence == fence


async def test_the_first_delta_tells_of_the_prompt_and_a_canceller_reports_its_usage(
    nats_url: str,
) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = await scene.ask("four words of mine", max_tokens=4_000, ignore_eos=True)
        await scene.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 3)
        await scene.cancel(prompt.reply_id)
        finished = await scene.finished(prompt)
        frames = await scene.frames(prompt.reply_id)
        deltas = [frame for frame in frames if isinstance(frame, Delta)]
        assert [delta.prompt_tokens for delta in deltas[:2]] == [5, None]
        # Whoever reads the log makes the same event of it.
        assert finished == finished_from_log(prompt, await scene.log.read(prompt.reply_id))
        assert finished.usage.prompt_tokens == 5
        assert finished.usage.completion_tokens == sum(len(delta.token_ids) for delta in deltas)


async def test_the_cached_tokens_of_a_takeover_are_those_of_the_first_attempt(
    nats_url: str,
) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = scene.prompt("taken over", max_tokens=20)
        fence = await scene.log.write_register(prompt.reply_id, Claim(1, "dead"), 0)
        await scene.log.append_fenced(prompt.reply_id, Attempt(1, "dead"), fence)
        first = Delta(1, 0, [7], "said before", prompt_tokens=3, cached_tokens=2)
        await scene.log.append(prompt.reply_id, first)
        await scene.submit(prompt)
        usage = (await scene.finished(prompt)).usage
        assert (usage.prompt_tokens, usage.cached_tokens) == (3, 2)
        assert usage.completion_tokens == 20


async def test_a_frame_of_the_prefix_that_does_not_parse_counts_for_nothing(
    nats_url: str,
) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = scene.prompt("garbled", max_tokens=40)
        whole = expected_text(prompt)
        fence = await scene.log.write_register(prompt.reply_id, Claim(1, "dead"), 0)
        await scene.log.append_fenced(prompt.reply_id, Attempt(1, "dead"), fence)
        await scene.broker.publish(subjects.reply(prompt.reply_id), b'{"kind":"delta","n":')
        # Past the hole that the garbled one left.
        await scene.log.append(prompt.reply_id, Delta(1, 1, [7], "not this"))
        folded = await scene.read_to_end((await scene.submit(prompt)).reply_id)
        assert folded.text == whole
        assert folded.end is not None
        assert folded.end.status == "completed"


async def test_the_beacon_says_how_long_replies_take(nats_url: str) -> None:
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine(100.0)):
        beacons = await scene.broker.subscribe(subjects.beacons_of_model(scene.model))
        assert decode_beacon((await beacons.next_msg(timeout=5)).data).reply_s == 0.0
        prompt = await scene.ask("twenty tokens", max_tokens=20, ignore_eos=True)
        await scene.finished(prompt)
        async with asyncio.timeout(10):
            async for message in beacons.messages:
                reply_s = decode_beacon(message.data).reply_s
                if reply_s > 0:
                    break
        # Twenty tokens at a hundred a second.
        assert reply_s >= 0.2
