"""Work out what one start of the stack runs and where, before anything is started."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.data_dir import DataDir, write_private
from compose.embedded_broker import prepare_broker
from compose.embedded_store import prepare_store
from compose.memory import Memory, recall, remember
from compose.metrics_targets import SERVICES, write_targets
from compose.ports import LOOPBACK, keep_or_choose, require_free
from compose.procfile import Entry, read_procfile
from schemas.settings import PREFIX, Settings, read_settings

_WILDCARDS = ("0.0.0.0", "::", "")
# Secrets that a person passes by environment are not ours to write to disk.
_NOT_RECORDED = ("DATA_DIR", "SECRET")


@dataclass(frozen=True)
class Plan:
    """One start: the Procfile's chosen lines, what they need, and where the stack will answer."""

    data_dir: DataDir
    entries: list[Entry]
    names: dict[str, str]
    environment: dict[str, str]
    broker_port: int | None
    store_port: int | None
    host: str
    port: int
    engine: str
    model: str
    drain_grace_s: float

    @property
    def infrastructure(self) -> list[tuple[Entry, int]]:
        """Broker and store with their ports, as far as they are ours to start."""
        ports = {"broker": self.broker_port, "store": self.store_port}
        return [
            (entry, port) for entry in self.entries if (port := ports.get(entry.role)) is not None
        ]

    @property
    def url(self) -> str:
        """Address that a program on this machine can use."""
        return f"http://{self.reachable_host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """``host``, or loopback where the gateway listens on every address."""
        return LOOPBACK if self.host in _WILDCARDS else self.host


def make_plan(data_dir: DataDir, procfile: Path, environment: Mapping[str, str]) -> Plan:
    """Choose ports and servers and write ``stack.env``; raises ``ComposeError``.

    Taken ports are found here, so that nothing has been started when the error is shown.
    """
    settings = read_settings(environment)
    entries = read_procfile(procfile)
    require_free(f"{PREFIX}PORT", settings.get("HOST"), settings.get("PORT"))
    memory = recall(data_dir)
    found = _metrics_ports(settings, memory)
    write_targets(data_dir, {service: found[name] for service, name in SERVICES.items()})
    names: dict[str, str] = {}
    broker_port = store_port = None
    if settings.get("NATS_URL") is None:
        found["NATS_URL"], config = prepare_broker(data_dir, memory)
        names["BROKER_CONFIG"], broker_port = str(config), memory.broker_port
    if settings.get("MONGO_URL") is None:
        found["MONGO_URL"], store_names = prepare_store(data_dir, memory)
        names |= store_names
        store_port = memory.store_port
        entries = [e for e in entries if e.role != "store" or e.variant == memory.store]
    remember(data_dir, memory)
    _write_stack_file(data_dir, environment, settings, found)
    return Plan(
        data_dir=data_dir,
        entries=entries,
        names=names,
        environment=child_environment(data_dir, _without_empty(environment)),
        broker_port=broker_port,
        store_port=store_port,
        host=settings.get("HOST"),
        port=settings.get("PORT"),
        engine=settings.get("ENGINE"),
        model=settings.get("MODEL"),
        drain_grace_s=settings.get("DRAIN_GRACE_S"),
    )


def child_environment(data_dir: DataDir, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the stack's processes."""
    programs = Path(sys.executable).parent
    return {
        # vLLM's CPU build would take half of the memory for its cache; CUDA builds ignore it.
        **environment,
        PREFIX + "DATA_DIR": str(data_dir.path),
        # The virtual environment's programs, also when it is not activated.
        "PATH": os.pathsep.join([str(programs), environment.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }


def _without_empty(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out empty settings: they would hide what was found and stands in ``stack.env``."""
    return {
        name: value for name, value in environment.items() if value or not name.startswith(PREFIX)
    }


def _metrics_ports(settings: Settings, memory: Memory) -> dict[str, str]:
    """Return the metrics ports; those that are set must be free, others are found."""
    for name in SERVICES.values():
        if (wanted := settings.get(name)) is not None:
            require_free(PREFIX + name, LOOPBACK, wanted)
    memory.metrics_port = keep_or_choose(memory.metrics_port)
    memory.analytics_metrics_port = keep_or_choose(memory.analytics_metrics_port)
    memory.worker_metrics_port = keep_or_choose(memory.worker_metrics_port)
    return {
        "METRICS_PORT": str(settings.get("METRICS_PORT") or memory.metrics_port),
        "ANALYTICS_METRICS_PORT": str(
            settings.get("ANALYTICS_METRICS_PORT") or memory.analytics_metrics_port
        ),
        "WORKER_METRICS_PORT": str(
            settings.get("WORKER_METRICS_PORT") or memory.worker_metrics_port
        ),
    }


def _write_stack_file(
    data_dir: DataDir, environment: Mapping[str, str], settings: Settings, found: dict[str, str]
) -> None:
    """Record the addresses that were found and the settings that were given.

    With the given ones `make worker` in another terminal runs the same model on the same engine.
    """
    given = {
        name[len(PREFIX) :]: value
        for name, value in environment.items()
        if name.startswith(PREFIX) and value
    }
    values = {"HOST": settings.get("HOST"), "PORT": settings.get("PORT"), **given, **found}
    lines = [
        f"{PREFIX}{name}={value}\n"
        for name, value in sorted(values.items())
        if name not in _NOT_RECORDED
    ]
    header = "# Where the running stack is; written by `make up`, removed when it stops.\n"
    write_private(data_dir.stack_file, header + "".join(lines))
