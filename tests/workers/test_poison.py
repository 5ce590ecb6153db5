"""Prompts that kill their workers end; bad luck and bad company condemn none."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from schemas import subjects
from schemas.events import PromptDied, PromptSubmitted
from schemas.fold import FoldedReply
from schemas.frames import Attempt, Delta
from tests.support.asking import Asker, expected_text
from tests.support.servers import NatsServer
from tests.support.worker_process import WorkerProcess
from tests.workers.killing_worker import KILLS_IN_ENGINE, KILLS_IN_TEMPLATE, STARTS_LATE

_WORKERS = 2
_NEIGHBOURS = 16
_TOKENS = 150
_TIMEOUT_S = 60.0


class Fleet:
    """Workers that are started again when they die, as a supervisor does.

    ``workers`` are those that are ready.
    """

    def __init__(self, folder: Path, nats_url: str) -> None:
        self.deaths = 0
        self.workers: list[WorkerProcess] = []
        self._folder = folder
        self._nats_url = nats_url
        self._started: list[WorkerProcess] = []

    def add(self) -> None:
        worker = WorkerProcess(self._folder, self._nats_url, "tests.workers.killing_worker")
        self._started.append(worker)
        self.workers.append(worker.start())

    async def keep_up(self) -> None:
        """Replace dead workers until cancelled."""
        while True:
            for worker in list(self.workers):
                if worker.process is not None and worker.process.poll() is not None:
                    self.workers.remove(worker)
                    self.deaths += 1
                    await asyncio.to_thread(self.add)
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        for worker in self._started:
            worker.stop()


@asynccontextmanager
async def a_fleet(folder: Path, server: NatsServer) -> AsyncIterator[Fleet]:
    """Keep some workers up for the duration of the block."""
    fleet = Fleet(folder, server.url)
    try:
        for _ in range(_WORKERS):
            await asyncio.to_thread(fleet.add)
        keeping = asyncio.create_task(fleet.keep_up())
        try:
            yield fleet
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
    finally:
        await asyncio.to_thread(fleet.stop)


async def dead_letter(asker: Asker, prompt: PromptSubmitted) -> PromptDied:
    """Return the dead letter of a prompt."""
    events = await asker.events(subjects.dead_letter(prompt.user_id, prompt.model))
    (letter,) = [e for e in events if isinstance(e, PromptDied) and e.prompt == prompt]
    return letter


def was_poison(folded: FoldedReply) -> bool:
    return (
        folded.end is not None
        and folded.end.error is not None
        and (folded.end.error.code == "poison")
    )


@pytest.mark.parametrize("word", [KILLS_IN_ENGINE, KILLS_IN_TEMPLATE])
async def test_a_poisonous_prompt_fails_after_few_deaths_and_its_neighbours_complete(
    fresh_nats_server: NatsServer, tmp_path: Path, word: str
) -> None:
    async with (
        a_fleet(tmp_path, fresh_nats_server) as fleet,
        Asker.connected(fresh_nats_server.url) as asker,
    ):
        half = _NEIGHBOURS // 2
        sampling = {"max_tokens": _TOKENS, "ignore_eos": True}
        healthy = [await asker.ask(f"before {i}", **sampling) for i in range(half)]
        poison = await asker.ask(f"something {word}")
        healthy += [await asker.ask(f"after {i}", **sampling) for i in range(half)]
        for prompt in healthy:
            folded = await asker.read_to_end(prompt.reply_id, _TIMEOUT_S)
            assert folded.text == expected_text(prompt)
        folded = await asker.read_to_end(poison.reply_id, _TIMEOUT_S)
        assert was_poison(folded)
        finished = await asker.finished(poison)
        assert finished.status == "failed"
        assert (await dead_letter(asker, poison)).attempts == finished.attempts
        assert 1 <= fleet.deaths <= 5


async def test_three_unlucky_kills_condemn_no_healthy_prompt(
    fresh_nats_server: NatsServer, tmp_path: Path
) -> None:
    async with (
        a_fleet(tmp_path, fresh_nats_server) as fleet,
        Asker.connected(fresh_nats_server.url) as asker,
    ):
        # All of them are without a token for so long that every kill hits them.
        prompts = [await asker.ask(f"{STARTS_LATE} {i}", max_tokens=20) for i in range(4)]
        for kill in range(1, 4):
            running = await asker.frames_until(
                prompts[0].reply_id,
                lambda frames, n=kill: sum(isinstance(f, Attempt) for f in frames) >= n,
            )
            assert not any(isinstance(frame, Delta) for frame in running)
            for worker in fleet.workers:
                worker.signal(signal.SIGKILL)
        for prompt in prompts:
            folded = await asker.read_to_end(prompt.reply_id, _TIMEOUT_S)
            assert folded.text == expected_text(prompt)
