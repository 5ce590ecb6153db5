"""Become one more worker of the stack that runs in a data dir."""

import os
from pathlib import Path

from compose.data_dir import DataDir
from compose.errors import BadProcfile, NoStack
from compose.metrics_targets import add_worker
from compose.plan import child_environment
from compose.ports import free_port
from compose.procfile import read_procfile
from schemas.settings import PREFIX


def become_worker(data_dir: DataDir, procfile: Path) -> None:
    """Replace this process by the Procfile's worker; raises ``NoStack`` without a stack."""
    if data_dir.holder() is None or not data_dir.stack_file.exists():
        raise NoStack(
            f"No stack runs in {data_dir.given}. Start one with `make up`, or name the data dir of "
            "the one that runs: RIVULET_DATA_DIR=... make worker"
        )
    for entry in read_procfile(procfile):
        if entry.role == "worker":
            command = entry.arguments({})
            environment = child_environment(data_dir, os.environ)
            port = free_port()
            # The stack's own worker has the port of stack.env.
            environment[f"{PREFIX}WORKER_METRICS_PORT"] = str(port)
            add_worker(data_dir, os.getpid(), port)
            os.execvpe(command[0], command, environment)  # noqa: S606 (the Procfile's command)
    raise BadProcfile(f"{procfile} has no worker")
