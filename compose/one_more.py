"""Run one more process of a service for the stack that runs in a data dir."""

import os
from collections.abc import Sequence
from pathlib import Path

from compose.data_dir import DataDir
from compose.errors import BadProcfile, NoStack
from compose.foreground import run_in_foreground
from compose.metrics_targets import SERVICES, listed
from compose.plan import child_environment
from compose.ports import free_port
from compose.procfile import Entry, read_procfile
from schemas.settings import PREFIX

WORKER = "worker"
CONSUMERS = "analytics"
# What `make` calls them.
_TARGETS = {WORKER: "worker", CONSUMERS: "consumer"}


def run_one_more(
    data_dir: DataDir, procfile: Path, service: str, arguments: Sequence[str] = ()
) -> int:
    """Run the Procfile's service, with further arguments, to its end; return its exit code.

    Raises ``NoStack`` without a stack.
    """
    if data_dir.holder() is None or not data_dir.stack_file.exists():
        raise NoStack(
            f"No stack runs in {data_dir.given}. Start one with `make up`, or name the data dir of "
            f"the one that runs: RIVULET_DATA_DIR=... make {_TARGETS[service]}"
        )
    command = [*_entry(procfile, service).arguments({}), *arguments]
    environment = child_environment(data_dir, os.environ)
    port = free_port()
    # The stack's own process has the port of stack.env.
    environment[PREFIX + SERVICES[service]] = str(port)
    with listed(data_dir, service, port):
        return run_in_foreground(command, environment)


def _entry(procfile: Path, service: str) -> Entry:
    for entry in read_procfile(procfile):
        if entry.role == service:
            return entry
    raise BadProcfile(f"{procfile} has no {service}")
