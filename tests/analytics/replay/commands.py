"""Run ``python -m analytics COMMAND`` as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.analytics.consumer_process import ROOT

_LONGEST_S = 60.0


class Outcome(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    output: str
    errors: str


class Commands:
    """Commands against one stack."""

    def __init__(self, folder: Path, **environment: str) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        self._environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "RIVULET_DATA_DIR": str(folder),
            **environment,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command, for who means to kill it."""
        return subprocess.Popen(
            [sys.executable, "-m", "analytics", *arguments],
            env=self._environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Outcome:
        """Run a command to its end."""
        with self.start(*arguments) as process:
            try:
                output, errors = process.communicate(timeout=_LONGEST_S)
            except BaseException:
                process.kill()
                raise
        assert "Traceback" not in errors, errors
        return Outcome(process.returncode, output, errors)
