"""One worker: the replies that it runs and the tasks beside them.

Start, run until told to stop or the engine is gone, then hand over: stop pulling; where another
worker is alive give every reply to it in mid-sentence, else finish within a grace time.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple

import structlog
from prometheus_client import CollectorRegistry

from schemas import subjects
from schemas.beacon import Beacon
from schemas.declaration import declare_until_done
from schemas.nats_client import NatsClient
from schemas.reply_log import ReplyLog
from schemas.streams import worker_consumer
from workers.claiming import Claimant
from workers.completion import Completion
from workers.delta_publisher import DeltaPublisher
from workers.engines.port import Engine
from workers.errors import EngineDied
from workers.in_progress import InProgress
from workers.metrics import WorkerMetrics
from workers.notices import Notices
from workers.pace import Pace
from workers.prompt_puller import PromptPuller
from workers.reply_run import ReplyRun
from workers.reply_runs import ReplyRuns
from workers.start_gate import TRIAL_S, StartGate
from workers.token_counter import TokenCounter
from workers.tools import Tools
from workers.watchdog import Watchdog
from workers.worker_beacon import WorkerBeacon

# How long a hand-over may take once it was asked for.
_HAND_OVER_GRACE_S = 5.0

log = structlog.get_logger(__name__)


class WorkerOptions(NamedTuple):
    """What a worker is told: names, sizes, and durations in seconds.

    After ``drain_grace_s`` the replies of a worker that drains alone wait in the log.
    """

    worker: str
    model: str
    slots: int
    ack_wait_s: float
    stuck_engine_s: float
    drain_grace_s: float
    chat_max_age_s: float
    replies_max_age_s: float
    trial_s: float = TRIAL_S


class Worker:
    """Runs replies of one model on one engine over one broker connection."""

    def __init__(
        self,
        broker: NatsClient,
        engine: Engine,
        reply_log: ReplyLog,
        options: WorkerOptions,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        self._broker = broker
        self._engine = engine
        self._options = options
        self._draining = False
        self._metrics = metrics or WorkerMetrics(CollectorRegistry())
        self._publisher = DeltaPublisher(broker, lambda reason: self._runs.doubt(reason))
        tools = Tools(
            worker=options.worker,
            engine=engine,
            log=reply_log,
            claimant=Claimant(broker, reply_log, options.worker),
            publisher=self._publisher,
            completion=Completion(broker),
            gate=StartGate(options.trial_s),
            trial_s=options.trial_s,
            max_run_ms=int(options.replies_max_age_s / 2 * 1000),
        )
        self._runs = ReplyRuns(tools, self._spawn, self._run_ended)
        self._pace = Pace(lambda: self._runs.tokens_made)
        self._in_progress = InProgress(broker, options.ack_wait_s, lambda: self._runs.all)
        self._puller = PromptPuller(
            broker,
            subjects.worker_consumer(options.model),
            free_slots=lambda: options.slots - len(self._runs),
            on_prompt=self._runs.take,
            on_gone=self._declare,
        )
        self._notices = Notices(broker, options.worker, self._runs.find, self._spawn)
        self._beacon = WorkerBeacon(broker, options.worker, self._describe)
        self._tasks: asyncio.TaskGroup | None = None

    async def prepare(self) -> bool:
        """Declare what the worker pulls from and listen; true when it may run."""
        await self._declare()
        await self._publisher.start()
        await self._notices.start()
        await TokenCounter(self._broker, self._engine).start(self._options.model)
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set; raises ``EngineDied`` after handing its replies over."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            side_tasks = [
                tasks.create_task(self._beacon.run(), name="beacon"),
                tasks.create_task(self._in_progress.run(), name="in_progress"),
                tasks.create_task(self._publisher.watch_acknowledgements(), name="acks"),
                tasks.create_task(self._puller.run(), name="puller"),
                tasks.create_task(self._watch(), name="watchdog"),
                tasks.create_task(self._pace.run(), name="pace"),
            ]
            log.info("worker_ready", worker=self._options.worker, model=self._options.model)
            await self._until_stopped(stop)
            await self._drain()
            self._runs.cancel()
            for task in side_tasks:
                task.cancel()
        if self._runs.died.done():
            raise self._runs.died.result()

    async def reconnected(self) -> None:
        """Hear that the broker is back: keep what runs here, look for holes, then pull again."""
        await self._in_progress.send()
        self._puller.reconnected(self._in_progress.period_s)
        self._publisher.reset("the broker connection was lost")

    async def _until_stopped(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        either: set[asyncio.Future[Any]] = {stopping, self._runs.died}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def _drain(self) -> None:
        self._draining = True
        await self._puller.stop()
        self._runs.close()
        await self._beacon.publish()
        alone = not self._beacon.another_is_alive()
        log.info("worker_draining", running=len(self._runs), alone=alone)
        if alone and self._broker.is_connected and not self._runs.died.done():
            await self._runs.wait(self._options.drain_grace_s)
        self._runs.hand_over()
        await self._runs.wait(_HAND_OVER_GRACE_S)

    def _run_ended(self, run: ReplyRun) -> None:
        if run.result is not None:
            self._notices.finished(run.reply_id)
            self._metrics.reply_ended(run.result)
        if run.held_s is not None:
            self._pace.reply_ended(run.held_s)
        self._puller.slots_changed()

    def _spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        if self._tasks is None:
            raise RuntimeError("the worker is not running")
        return self._tasks.create_task(coroutine, name=name)

    async def _watch(self) -> None:
        watchdog = Watchdog(
            self._engine,
            self._options.stuck_engine_s,
            # While the broker is away replies wait for it, not for the engine.
            running=lambda: self._runs.in_engine if self._broker.is_connected else 0,
            progress=lambda: self._runs.tokens_made,
        )
        try:
            await watchdog.run()
        except EngineDied as error:
            self._runs.fail(error)

    def _describe(self) -> Beacon:
        beacon = Beacon(
            worker=self._options.worker,
            model=self._options.model,
            slots=self._options.slots,
            free=self._options.slots - len(self._runs),
            draining=self._draining,
            max_model_len=self._engine.max_model_len,
            tokens_per_s=round(self._pace.tokens_per_s, 1),
            reply_s=round(self._pace.reply_s, 3),
        )
        self._metrics.seen(beacon, self._runs.tokens_made)
        return beacon

    async def _declare(self) -> None:
        options = self._options
        await declare_until_done(
            self._broker,
            [worker_consumer(options.model, options.ack_wait_s)],
            chat_max_age_s=options.chat_max_age_s,
            replies_max_age_s=options.replies_max_age_s,
        )
