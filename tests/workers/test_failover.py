"""Workers and brokers die in mid-sentence; the reply goes on, exact to the token."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from schemas.frames import Attempt
from tests.support.asking import Asker, expected_text
from tests.support.servers import NatsServer
from tests.support.worker_process import WorkerProcess

StartWorker = Callable[..., WorkerProcess]
_REPLIES = 6
_TOKENS = 400
_BUSY_MS = 2_000


@pytest.fixture
def start_worker(fresh_nats_server: NatsServer, tmp_path: Path) -> Iterator[StartWorker]:
    workers: list[WorkerProcess] = []

    def start(**settings: str) -> WorkerProcess:
        worker = WorkerProcess(tmp_path, fresh_nats_server.url, **settings)
        workers.append(worker)
        return worker.start()

    yield start
    for worker in workers:
        worker.stop()


async def ask_several(asker: Asker) -> list[str]:
    """Submit long replies and wait until all of them run; return their ids."""
    prompts = [
        await asker.ask(f"tell {i}", max_tokens=_TOKENS, ignore_eos=True) for i in range(_REPLIES)
    ]
    for prompt in prompts:
        await asker.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 10)
    return [prompt.reply_id for prompt in prompts]


async def assert_exact(asker: Asker, reply_ids: list[str]) -> None:
    for index, reply_id in enumerate(reply_ids):
        folded = await asker.read_to_end(reply_id)
        prompt = asker.prompt(f"tell {index}", max_tokens=_TOKENS, ignore_eos=True)
        assert folded.text == expected_text(prompt)
        assert folded.state.tokens == _TOKENS
        finished = await asker.finished(replace(prompt, reply_id=reply_id))
        assert finished.usage.completion_tokens == _TOKENS
        # Over all attempts, the pause of the takeover among them.
        assert finished.inter_token_ms is not None
        assert finished.inter_token_ms.count == _TOKENS - 1


async def test_a_killed_workers_replies_go_on_elsewhere(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    first = start_worker()
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        start_worker()
        first.kill()
        killed_at_ms = time.time_ns() // 1_000_000
        await assert_exact(asker, reply_ids)
        for reply_id in reply_ids:
            began = [f for f in await asker.log.read(reply_id) if isinstance(f.frame, Attempt)]
            assert len(began) == 2
            # ack_wait and a second, and what a busy machine takes.
            assert began[1].stored_at_ms - killed_at_ms < 2_000 + _BUSY_MS


async def test_a_paused_worker_that_wakes_up_cannot_add_a_token(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    first = start_worker()
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        start_worker()
        first.pause()
        for reply_id in reply_ids:
            await asker.read_until(reply_id, lambda folded: folded.state.n == 2)
        first.signal(signal.SIGCONT)
        await assert_exact(asker, reply_ids)
        first.wait_for_event("reply_lost_to_another_worker")


async def test_a_drained_worker_hands_its_replies_over_at_once(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    first = start_worker(ACK_WAIT_S="30")
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        second = start_worker(ACK_WAIT_S="30")
        await asyncio.to_thread(first.wait_for_event, "worker_ready")
        await wait_for_beacons(asker, 2)
        first.signal(signal.SIGTERM)
        started = time.monotonic()
        for reply_id in reply_ids:
            await asker.read_until(reply_id, lambda folded: folded.state.n == 2)
        # ack_wait is 30 s here, so only the nak of a hand-over can be this quick.
        assert time.monotonic() - started < 10
        assert await asyncio.to_thread(first.wait) == 0
        await assert_exact(asker, reply_ids)
        second.wait_for_event("reply_finished")


async def wait_for_beacons(asker: Asker, workers: int) -> None:
    """Wait until this many workers, and a moment later each other, have been heard."""
    heard: dict[str, int] = {}
    enough = asyncio.Event()

    async def hear(message: object) -> None:
        subject = str(getattr(message, "subject", ""))
        heard[subject] = heard.get(subject, 0) + 1
        if len(heard) >= workers and min(heard.values()) >= 2:
            enough.set()

    await asker.broker.subscribe("worker.*.*", cb=hear)
    async with asyncio.timeout(10):
        await enough.wait()


async def test_a_worker_that_drains_alone_finishes_its_replies(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    worker = start_worker()
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        worker.signal(signal.SIGTERM)
        await assert_exact(asker, reply_ids)
        assert await asyncio.to_thread(worker.wait) == 0


@pytest.mark.parametrize("way", ["kill", "stop"])
async def test_a_broker_restart_in_mid_stream_leaves_no_hole(
    fresh_nats_server: NatsServer, start_worker: StartWorker, way: str
) -> None:
    start_worker(ACK_WAIT_S="5")
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        getattr(fresh_nats_server, way)()
        await asyncio.to_thread(fresh_nats_server.start)
        await assert_exact(asker, reply_ids)
        after = await asker.ask("after the restart")
        assert (await asker.read_to_end(after.reply_id)).text == expected_text(after)


async def test_a_worker_stops_in_seconds_although_the_broker_is_away(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    worker = start_worker()
    async with Asker.connected(fresh_nats_server.url) as asker:
        await ask_several(asker)
        fresh_nats_server.kill()
        worker.signal(signal.SIGTERM)
        started = time.monotonic()
        assert await asyncio.to_thread(worker.wait) == 0
        assert time.monotonic() - started < 15


async def test_two_workers_share_the_prompts(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    start_worker(WORKER_SLOTS="3")
    start_worker(WORKER_SLOTS="3")
    async with Asker.connected(fresh_nats_server.url) as asker:
        reply_ids = await ask_several(asker)
        workers = {(await asker.attempts(reply_id))[0] for reply_id in reply_ids}
        assert len(workers) == 2
        await assert_exact(asker, reply_ids)


async def test_prompts_beyond_the_slots_wait_in_the_log_and_are_answered(
    fresh_nats_server: NatsServer, start_worker: StartWorker
) -> None:
    start_worker(WORKER_SLOTS="2", SCRIPTED_TOKENS_PER_S="500")
    async with Asker.connected(fresh_nats_server.url) as asker:
        prompts = [await asker.ask(f"queue {i}", max_tokens=40) for i in range(12)]
        for prompt in prompts:
            assert (await asker.read_to_end(prompt.reply_id)).text == expected_text(prompt)
            assert len(await asker.attempts(prompt.reply_id)) == 1
