"""Start one worker: ``python -m workers``."""

import logging
import os
import sys
from pathlib import Path

import uvloop

from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings
from workers.app import serve
from workers.engines.orphans import leash_forks
from workers.settings import WorkerSettings

# Its processes warn of their own libraries' futures, and of what ``close`` cleans up for them.
_QUIET_CHILDREN = "ignore::FutureWarning,ignore::UserWarning:multiprocessing.resource_tracker"
_VLLM_LOGGING = Path(__file__).parent / "engines" / "vllm_logging.json"


def main() -> int:
    """Read the settings, run the worker, return its exit code."""
    # vLLM's processes then log warnings in our form; what is set already is left alone.
    os.environ.setdefault("VLLM_LOGGING_CONFIG_PATH", str(_VLLM_LOGGING))
    # GiB on a CPU; by default vLLM takes so much that a second worker finds none left.
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    os.environ.setdefault("PYTHONWARNINGS", _QUIET_CHILDREN)
    try:
        settings = WorkerSettings.read(read_settings())
    except SettingsError as error:
        sys.exit(str(error))
    configure_logs("worker", settings.log_level)
    leash_forks()
    return uvloop.run(serve(settings))


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # The exit hooks of vLLM and multiprocessing take seconds and find nothing left to do.
    os._exit(code)
