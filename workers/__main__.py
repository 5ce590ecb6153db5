"""Start one worker: ``python -m workers``; or ``python -m workers dead-letters``."""

import logging
import os
import sys
from pathlib import Path

import uvloop

from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings
from workers.app import serve
from workers.dead_letters.command import run_command
from workers.engines.orphans import leash_forks
from workers.settings import WorkerSettings

# Its processes warn of their own libraries' futures, and of what ``close`` cleans up for them.
_QUIET_CHILDREN = "ignore::FutureWarning,ignore::UserWarning:multiprocessing.resource_tracker"
_USAGE = """usage: python -m workers                         serve one model
       python -m workers dead-letters list|retry    prompts that killed their workers"""
_VLLM_LOGGING = Path(__file__).parent / "engines" / "vllm_logging.json"


def main() -> int:
    """Do what the command line says; return the exit code."""
    try:
        settings = read_settings()
        if sys.argv[1:2] == ["dead-letters"]:
            # Its answer is on stdout; a broker that is away is said once.
            configure_logs("dead-letters", "error")
            return run_command(sys.argv[2:], settings)
        if sys.argv[1:]:
            sys.exit(_USAGE)
        return _run_worker(WorkerSettings.read(settings))
    except SettingsError as error:
        sys.exit(str(error))


def _run_worker(settings: WorkerSettings) -> int:
    # vLLM's processes then log warnings in our form; what is set already is left alone.
    os.environ.setdefault("VLLM_LOGGING_CONFIG_PATH", str(_VLLM_LOGGING))
    # GiB on a CPU; by default vLLM takes so much that a second worker finds none left.
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    os.environ.setdefault("PYTHONWARNINGS", _QUIET_CHILDREN)
    configure_logs("worker", settings.log_level)
    leash_forks()
    return uvloop.run(serve(settings))


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    # The exit hooks of vLLM and multiprocessing take seconds and find nothing left to do.
    os._exit(code)
