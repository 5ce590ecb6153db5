"""The stack under test: a real broker, a store, consumers, and several gateways and workers."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from compose.leash import leashed
from tests.bench.faults.service import Service
from tests.support.servers import NatsServer, StoreServer, free_port

MODEL = "rivulet-demo"
_SECRET = "of the fault runs"
_POLL_S = 0.02


@dataclass(frozen=True)
class StackPlan:
    """What a stack consists of.

    ``worker_module`` may be an entry point that injects a fault; ``consumers`` names what each of
    their processes consumes (empty: everything), ``settings`` are for every process.
    """

    workers: int = 4
    gateways: int = 2
    engine: str = "scripted"
    tokens_per_s: float = 50.0
    ack_wait_s: float = 5.0
    worker_module: str = "workers"
    consumers: tuple[str, ...] = ("",)
    settings: Mapping[str, str] = field(default_factory=dict)


class _Broker(NatsServer):
    def command(self) -> list[str]:
        return leashed(super().command())


class _Store(StoreServer):
    def command(self) -> list[str]:
        return leashed(super().command())


class Stack:
    """Processes in one folder; all of them have ended when the ``async with`` block is left."""

    def __init__(self, folder: Path, plan: StackPlan) -> None:
        self.folder = folder
        self.plan = plan
        self.broker = _Broker(folder / "nats")
        self.store = _Store(folder / "store")
        self.ports = [free_port() for _ in range(plan.gateways)]
        self.gateways = [self._gateway(port) for port in self.ports]
        self.workers = [self._worker(number) for number in range(plan.workers)]
        self.consumers = [self._consumer(name) for name in plan.consumers]
        self.api_key = ""

    async def __aenter__(self) -> Self:
        try:
            await asyncio.gather(
                asyncio.to_thread(self.broker.start), asyncio.to_thread(self.store.start)
            )
            await asyncio.gather(
                self._service("dev-key", "", "gateway", "dev-key").run(),
                *(service.start() for service in self._services),
            )
            self.api_key = (self.folder / "data" / "dev-api-key").read_text().strip()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    @property
    def _services(self) -> list[Service]:
        return [*self.gateways, *self.workers, *self.consumers]

    @property
    def broker_url(self) -> str:
        """Where the broker answers."""
        return self.broker.url

    @property
    def store_url(self) -> str:
        """Where the store answers."""
        return self.store.url

    async def any_ready(self, services: list[Service], rng: random.Random) -> Service:
        """Return a random one of the services that are ready, waiting for one."""
        while True:
            for service in services:
                service.check()
            if ready := [service for service in services if service.ready]:
                return rng.choice(ready)
            await asyncio.sleep(_POLL_S)

    async def restart_broker(self) -> None:
        """Kill the broker with SIGKILL and start it again on the same port and data."""
        await asyncio.to_thread(self.broker.kill)
        await asyncio.to_thread(self.broker.start)

    async def _end(self) -> None:
        """End what runs; the services first, as they would complain about a missing broker."""
        await asyncio.gather(*(service.end() for service in self._services))
        await asyncio.to_thread(self.broker.kill)
        await asyncio.to_thread(self.store.kill)

    def _gateway(self, port: int) -> Service:
        return self._service(
            f"gateway-{port}", "gateway_listening", "gateway", RIVULET_PORT=str(port)
        )

    def _worker(self, number: int) -> Service:
        plan = self.plan
        return self._service(
            f"worker-{number}",
            "worker_ready",
            plan.worker_module,
            RIVULET_ENGINE=plan.engine,
            RIVULET_SCRIPTED_TOKENS_PER_S=str(plan.tokens_per_s),
            RIVULET_ACK_WAIT_S=str(plan.ack_wait_s),
        )

    def _consumer(self, name: str) -> Service:
        names = [name] if name else []
        log_name = "-".join(["consumers", *names])
        return self._service(log_name, "consumers_started", "analytics", *names)

    def _service(self, name: str, ready: str, *module: str, **environment: str) -> Service:
        shared = {
            "RIVULET_DATA_DIR": str(self.folder / "data"),
            "RIVULET_NATS_URL": self.broker.url,
            "RIVULET_MONGO_URL": self.store.url,
            "RIVULET_SECRET": _SECRET,
            # For entry points that inject a fault from inside a process, and count it.
            "FAULTS_FOLDER": str(self.folder),
            **self.plan.settings,
        }
        return Service(module, {**shared, **environment}, self.folder / f"{name}.log", ready)
