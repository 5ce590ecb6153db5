"""Start a stack in order, keep it running, and stop it in order."""

import asyncio
from functools import partial

from compose.child import Child
from compose.children import ChildGroups
from compose.cores import cores_of_worker
from compose.embedded_store import forget_pid
from compose.errors import ComposeError, StartFailed
from compose.interrupts import StopRequest
from compose.output import Output
from compose.plan import Plan
from compose.ports import LOOPBACK
from compose.procfile import Entry
from compose.readiness import served_model, wait_for_port, wait_until_ready
from compose.sinks import Filed, Shown, Sink
from compose.welcome import welcome

_INFRASTRUCTURE_TIMEOUT_S = 30.0
# Longer than what the steps themselves wait for a store or a broker that is not ours.
_RELEASE_TIMEOUT_S = 60.0
# Beyond the grace in which gateway and worker end their replies; there is an engine to put down.
_GRACE_S = 15.0


class Supervisor:
    """One run of the stack."""

    def __init__(self, plan: Plan, output: Output, stop: StopRequest) -> None:
        self._plan = plan
        self._output = output
        self._stop = stop
        self._groups = ChildGroups(plan.data_dir)
        self._infrastructure: list[Child] = []
        self._services: list[Child] = []
        self._failure: ComposeError | None = None

    async def run(self) -> int:
        """Run until a stop is asked for; return the exit code. Cancelled, it kills everything."""
        async with asyncio.TaskGroup() as tasks:
            starting = tasks.create_task(self._start(tasks), name="start")
            await self._stop.wait()
            starting.cancel()
            await asyncio.wait([starting])
            await self._stop_in_order()
        if self._failure is not None:
            self._output.say(f"the stack did not start: {self._failure}")
            return 1
        self._output.say("stopped")
        return 0

    async def _start(self, tasks: asyncio.TaskGroup) -> None:
        try:
            await self._start_infrastructure(tasks)
            await self._release()
            self._start_services(tasks)
            await self._welcome()
        except ComposeError as error:
            self._failure = error
            self._stop.ask()

    async def _welcome(self) -> None:
        plan = self._plan
        await wait_until_ready(plan.reachable_host, plan.port, self._output.say)
        self._leave_cores_to_engine()
        # Asked, because a worker may name its model otherwise than the setting does: a folder.
        model = await served_model(plan.reachable_host, plan.port, plan.data_dir.api_key())
        self._output.plain(welcome(plan, model or plan.model))

    def _leave_cores_to_engine(self) -> None:
        """Keep everything but the worker to the cores that the worker keeps to."""
        worker = next((child for child in self._services if child.name == "worker"), None)
        if worker is None or worker.pid is None:
            return
        if cores := cores_of_worker(worker.pid):
            for child in (*self._infrastructure, *self._services):
                if child is not worker:
                    child.keep_to(cores)

    async def _start_infrastructure(self, tasks: asyncio.TaskGroup) -> None:
        for entry, _ in self._plan.infrastructure:
            self._infrastructure.append(child := self._child(entry))
            tasks.create_task(child.run(), name=entry.role)
        for child, (_, port) in zip(self._infrastructure, self._plan.infrastructure, strict=True):
            if not await wait_for_port(LOOPBACK, port, _INFRASTRUCTURE_TIMEOUT_S):
                child.sink.explain()
                raise StartFailed(
                    f"the {child.name} does not answer on port {port}; what it said is above"
                )

    async def _release(self) -> None:
        for entry in self._plan.entries:
            if entry.is_release:
                await self._run_step(entry)

    async def _run_step(self, entry: Entry) -> None:
        try:
            async with asyncio.timeout(_RELEASE_TIMEOUT_S):
                code = await self._child(entry).run_once()
        except TimeoutError as error:
            raise StartFailed(
                f"`{entry.command}` is not done after {_RELEASE_TIMEOUT_S:g} s; do the servers of "
                "RIVULET_NATS_URL and RIVULET_MONGO_URL answer?"
            ) from error
        if code != 0:
            raise StartFailed(f"`{entry.command}` failed; what it said is above")

    def _start_services(self, tasks: asyncio.TaskGroup) -> None:
        for entry in self._plan.entries:
            if entry.is_service:
                self._services.append(child := self._child(entry))
                tasks.create_task(child.run(), name=entry.role)
        if self._plan.engine == "vllm":
            self._output.say("services started; the worker loads its model, up to a minute")

    async def _stop_in_order(self) -> None:
        """Services in the Procfile's order: no new prompts, then no work, then the projections."""
        for child in self._services:
            await child.stop()
        # Nobody uses broker and store any more: they can stop together.
        async with asyncio.TaskGroup() as tasks:
            for child in reversed(self._infrastructure):
                tasks.create_task(child.stop())

    def _child(self, entry: Entry) -> Child:
        plan = self._plan
        return Child(
            entry.role,
            entry.arguments(plan.names),
            environment=plan.environment,
            say=self._output.say,
            sink=self._sink(entry),
            groups=self._groups,
            grace_s=plan.drain_grace_s + _GRACE_S,
            before_start=partial(forget_pid, plan.data_dir) if entry.role == "store" else None,
        )

    def _sink(self, entry: Entry) -> Sink:
        if entry.is_service or entry.is_release:
            return Shown(entry.role, self._output)
        return Filed(entry.role, self._output, self._plan.data_dir.path / f"{entry.role}.log")
