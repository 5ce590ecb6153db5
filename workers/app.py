"""Build one worker from its settings and run it: the composition root."""

import asyncio
import os
import resource
import secrets
import signal
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from schemas.broker import connect, disconnect
from schemas.heap import settle_heap
from schemas.metrics_endpoint import served_if_free
from schemas.reply_log import ReplyLog
from schemas.tracing import configure_traces, end_traces
from workers.engines.port import Engine
from workers.engines.scripted_engine import ScriptedEngine
from workers.errors import EngineDied
from workers.metrics import WorkerMetrics
from workers.settings import WorkerSettings
from workers.worker import Worker, WorkerOptions

DEMO_MODEL = "rivulet-demo"
# It is too small for compiled graphs to pay for the time that compiling takes at start. Not
# ``enforce_eager``: by that vLLM also puts the compiling of CUDA kernels off to the first replies,
# and all of them stand still meanwhile.
UNCOMPILED: dict[str, Any] = {"mode": 0, "cudagraph_mode": "NONE"}
_T = TypeVar("_T")
_DEMO_WEIGHTS = Path(__file__).parent / "demo_model" / "weights"

log = structlog.get_logger(__name__)


async def serve(
    settings: WorkerSettings, load_engine: Callable[[WorkerSettings], Engine] | None = None
) -> int:
    """Run a worker until SIGTERM or SIGINT; return the process's exit code.

    Another engine than the settings name can be given.
    """
    _raise_open_files_limit()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Nothing runs yet, and loading a model cannot be interrupted in any other way.
        signal.signal(number, signal.SIG_DFL)
    engine = (load_engine or _load_engine)(settings)
    settle_heap()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        # After the engine: its processes are forked, which threads do not survive.
        configure_traces("worker", settings.traces)
        registry = CollectorRegistry()
        with served_if_free(registry, settings.metrics_port, "RIVULET_WORKER_METRICS_PORT"):
            await _serve_on(engine, settings, stop, WorkerMetrics(registry))
    except EngineDied as error:
        log.critical("engine_died", error=str(error), advice="the worker must be restarted")
        return 1
    finally:
        end_traces()
        await engine.close()
    log.info("worker_stopped")
    return 0


async def _serve_on(
    engine: Engine, settings: WorkerSettings, stop: asyncio.Event, metrics: WorkerMetrics
) -> None:
    worker: Worker | None = None

    async def on_reconnect() -> None:
        if worker is not None:
            await worker.reconnected()

    name = _worker_name()
    broker = await _unless_stopped(
        connect(settings.nats_url, name, on_reconnect=on_reconnect), stop
    )
    if broker is None:
        return
    try:
        log_of_tokens = await ReplyLog.open(broker)
        worker = Worker(broker, engine, log_of_tokens, _options(settings, name), metrics)
        if await _unless_stopped(worker.prepare(), stop):
            await worker.run(stop)
    finally:
        await disconnect(broker)


async def _unless_stopped(coroutine: Coroutine[Any, Any, _T], stop: asyncio.Event) -> _T | None:
    """Return the coroutine's result, or ``None`` when the worker is told to stop first."""
    task, stopping = asyncio.create_task(coroutine), asyncio.create_task(stop.wait())
    either: set[asyncio.Future[Any]] = {task, stopping}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.wait({task})
    return None


def _load_engine(settings: WorkerSettings) -> Engine:
    if settings.engine == "scripted":
        return ScriptedEngine(settings.scripted_tokens_per_s)
    log.info("model_loading", model=settings.model)
    arguments: dict[str, Any] = {
        "max_num_seqs": settings.slots,
        "use_tqdm_on_load": False,
        # Ours are in ReplyFinished; vLLM's cost 3 us of CPU a token.
        "disable_log_stats": True,
    }
    weights = settings.model
    if settings.model == DEMO_MODEL:
        # On CUDA vLLM would take FlashInfer's sampler, which is compiled on the spot: for minutes,
        # and only where there is CUDA's compiler.
        os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
        arguments["compilation_config"] = UNCOMPILED
        weights = str(_DEMO_WEIGHTS)
    # Imported here because vLLM is only installed where it is used, and takes seconds to import.
    from workers.engines.vllm_engine import VllmEngine  # noqa: PLC0415 - see above

    return VllmEngine.load(weights, {**arguments, **settings.engine_args})


def _options(settings: WorkerSettings, name: str) -> WorkerOptions:
    return WorkerOptions(
        worker=name,
        model=_model_id(settings.model),
        slots=settings.slots,
        ack_wait_s=settings.ack_wait_s,
        stuck_engine_s=settings.stuck_engine_s,
        drain_grace_s=settings.drain_grace_s,
        chat_max_age_s=settings.chat_max_age_s,
        replies_max_age_s=settings.replies_max_age_s,
    )


def _model_id(model: str) -> str:
    """Return the id that clients use: a hub id as it is, a folder by its name."""
    return Path(model).resolve().name if Path(model).is_dir() else model


def _worker_name() -> str:
    """Return a name that no other start of a worker has, fit for a subject."""
    host = "".join(c if c.isalnum() else "-" for c in socket.gethostname())[:32]
    return f"{host}-{os.getpid()}-{secrets.token_hex(3)}"


def _raise_open_files_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
