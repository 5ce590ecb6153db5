"""Start one worker: ``python -m workers``."""

import os
import sys

import uvloop

from schemas.logs import configure_logs
from schemas.settings import SettingsError, read_settings
from workers.app import serve
from workers.engines.orphans import leash_forks
from workers.settings import WorkerSettings


def main() -> int:
    """Read the settings, run the worker, return its exit code."""
    # vLLM's logger then goes through ours instead of writing lines of its own.
    os.environ.setdefault("VLLM_CONFIGURE_LOGGING", "0")
    try:
        settings = WorkerSettings.read(read_settings())
    except SettingsError as error:
        sys.exit(str(error))
    configure_logs("worker", settings.log_level)
    leash_forks()
    return uvloop.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main())
