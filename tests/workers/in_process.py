"""A worker in the test's own process, on a real broker, with an engine that the test commands."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator

from schemas import subjects
from schemas.broker import connect, disconnect
from schemas.events import PromptSubmitted
from schemas.reply_log import Claim, ReplyLog
from tests.support.asking import Asker
from workers.engines.port import Generation, Piece
from workers.engines.scripted_engine import ScriptedEngine
from workers.worker import Worker, WorkerOptions

_numbers = itertools.count(1)


class CommandedEngine(ScriptedEngine):
    """Says when which request runs, and holds back what the test tells it to.

    ``running`` holds the prompts that are being generated. Tokens of a prompt in ``mute`` do not
    come, and while ``may_stop`` is clear no request gets rid of its slot.
    """

    def __init__(self, tokens_per_s: float = 200.0) -> None:
        super().__init__(tokens_per_s)
        self.running: list[str] = []
        self.mute: dict[str, asyncio.Event] = {}
        self.may_stop = asyncio.Event()
        self.may_stop.set()
        self.changed = asyncio.Condition()

    def silence(self, content: str) -> asyncio.Event:
        """Hold the tokens of a prompt back until the event is set."""
        self.mute[content] = asyncio.Event()
        return self.mute[content]

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        content = generation.messages[-1].content
        self.running.append(content)
        await self._tell()
        try:
            if content in self.mute:
                await self.mute[content].wait()
            async with contextlib.aclosing(super().generate(generation)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            await self.may_stop.wait()
            self.running.remove(content)

    async def until_running(self, content: str) -> None:
        """Wait until the prompt is being generated."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: content in self.running)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class Scene(Asker):
    """An asker whose prompts go to one worker of this process."""

    model = "nobody"

    def prompt(self, content: str, model: str | None = None, **sampling: object) -> PromptSubmitted:
        return super().prompt(content, model or self.model, **sampling)

    @contextlib.asynccontextmanager
    async def worker(
        self, url: str, engine: ScriptedEngine, *, ack_wait_s: float = 5.0, trial_s: float = 10.0
    ) -> AsyncIterator[Worker]:
        """Run a worker of this scene's model for the duration of the block."""
        broker = await connect(url, "worker")
        options = WorkerOptions(
            worker=f"here-{next(_numbers)}",
            model=self.model,
            slots=64,
            ack_wait_s=ack_wait_s,
            stuck_engine_s=60.0,
            drain_grace_s=25.0,
            chat_max_age_s=86_400.0 * 30,
            replies_max_age_s=3_600.0,
            trial_s=trial_s,
        )
        worker = Worker(broker, engine, await ReplyLog.open(broker), options)
        await worker.prepare()
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()
            await asyncio.wait({running})
            await disconnect(broker)
        running.result()

    async def claimed_by_worker(self, reply_id: str) -> None:
        """Wait until the reply's latest claim is one of a worker of this process."""
        async with asyncio.timeout(10):
            while True:
                claim = (await self.log.read_register(reply_id)).claim
                if claim is not None and claim.worker is not None and "here-" in claim.worker:
                    return
                await asyncio.sleep(0.01)

    async def take_claim(self, reply_id: str, claim: Claim) -> int:
        """Claim a reply for another worker; return the register's sequence."""
        state = await self.log.read_register(reply_id)
        return await self.log.write_register(reply_id, claim, state.sequence)

    async def hear_beacons(self, workers: int) -> None:
        """Wait until so many workers of the model have each been heard twice.

        By then they have heard each other.
        """
        heard: Counter[str] = Counter()
        async with asyncio.timeout(10):
            beacons = await self.broker.subscribe(subjects.beacons_of_model(self.model))
            async for message in beacons.messages:
                heard[message.subject] += 1
                if len(heard) >= workers and min(heard.values()) >= 2:
                    break
            await beacons.unsubscribe()


@contextlib.asynccontextmanager
async def a_scene(url: str) -> AsyncIterator[Scene]:
    """Open a scene with a model of its own, so that tests share a broker and no prompts."""
    async with Scene.connected(url) as scene:
        scene.model = f"scene-{next(_numbers)}"
        yield scene
