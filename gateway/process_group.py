"""Run several gateway processes that share one port, and start again one that died.

Each process has a socket of its own on the port (SO_REUSEPORT), so the kernel spreads connections
evenly. A process ends by itself when its parent is gone: it watches a pipe, its standard input.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable

import structlog

# Beyond the grace in which a process ends its replies.
_STOP_TIMEOUT_S = 10.0
# A process that dies at once, again and again, must not keep the machine busy.
_RESTART_WAIT_S = 1.0

log = structlog.get_logger(__name__)


async def run_processes(
    count: int, environment: dict[str, str], on_death: Callable[[int], None], drain_grace_s: float
) -> None:
    """Keep ``count`` processes running until SIGTERM or SIGINT; ``on_death`` gets a pid."""
    stop_timeout_s = drain_grace_s + _STOP_TIMEOUT_S
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as tasks:
        keepers = [
            tasks.create_task(
                _keep_running(environment, on_death, stop_timeout_s), name=f"gateway-{index}"
            )
            for index in range(count)
        ]
        await stop.wait()
        for keeper in keepers:
            keeper.cancel()


async def _keep_running(
    environment: dict[str, str], on_death: Callable[[int], None], stop_timeout_s: float
) -> None:
    while True:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "serve-shared"),
            stdin=asyncio.subprocess.PIPE,
            env={**os.environ, **environment},
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process, stop_timeout_s)
            raise
        finally:
            on_death(process.pid)
        write = log.error if code else log.info
        write("gateway_process_ended", pid=process.pid, code=code)
        await asyncio.sleep(_RESTART_WAIT_S)


async def _end(process: asyncio.subprocess.Process, timeout_s: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(timeout_s):
            await process.wait()
    except TimeoutError:
        log.error("gateway_process_killed", pid=process.pid)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def when_parent_is_gone(act: Callable[[], None]) -> None:
    """Call ``act`` once standard input is closed."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            act()

    loop.add_reader(0, readable)
