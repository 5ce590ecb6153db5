"""Run a whole stack in the foreground."""

import asyncio
import os
import resource
from pathlib import Path

from compose.children import end_orphans
from compose.data_dir import DataDir
from compose.interrupts import StopRequest, ignore_signals
from compose.output import Output
from compose.plan import Plan, make_plan
from compose.supervisor import Supervisor

# What a shell reports for a program that Ctrl-C ended.
INTERRUPTED = 130


def up(data_dir: DataDir, procfile: Path) -> int:
    """Start the stack, keep it running until Ctrl-C or SIGTERM; return the exit code.

    Raises ``ComposeError`` when it cannot start; nothing has been started then.
    """
    os.umask(0o077)
    _raise_open_files_limit()
    with data_dir.lock():
        # Of a supervisor that was killed; its addresses must not be taken for settings.
        data_dir.stack_file.unlink(missing_ok=True)
        orphans = end_orphans(data_dir)
        if orphans:
            print(f"Ended {orphans} processes of an earlier start that was killed.", flush=True)
        try:
            return asyncio.run(_supervise(make_plan(data_dir, procfile, os.environ)))
        except asyncio.CancelledError:
            return INTERRUPTED
        finally:
            data_dir.stack_file.unlink(missing_ok=True)


async def _supervise(plan: Plan) -> int:
    output = Output(list(dict.fromkeys(entry.role for entry in plan.entries)))
    if output.coloured:
        # Our pipes are no terminals, but the lines end up on one.
        plan.environment["FORCE_COLOR"] = "1"
    stop = StopRequest(output.say)
    running = asyncio.create_task(Supervisor(plan, output, stop).run())
    stop.listen(running)
    output.say(f"starting the stack; its data is in {plan.data_dir.given}")
    try:
        return await running
    finally:
        ignore_signals()


def _raise_open_files_limit() -> None:
    """Every stream is a socket; broker, store and services inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
