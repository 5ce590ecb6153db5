"""Let no engine process outlive its worker.

vLLM's engine core and its workers are child processes. After a ``kill -9`` of the worker they
would stay, hold the GPU's memory, and keep the restarted worker from loading its model. vLLM
forks or spawns them, depending on the platform: forks are reached by a fork hook, spawned
processes by a plugin of vLLM's (entry point ``vllm.general_plugins`` in ``pyproject.toml``).
"""

import ctypes
import multiprocessing
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def leash_forks() -> None:
    """Kill every process that this one, or a fork of it, will fork, when its parent dies."""
    os.register_at_fork(after_in_child=_die_with_parent)


def leash_spawned() -> None:
    """Kill this process when its parent dies, if it was spawned by another Python process."""
    if multiprocessing.parent_process() is not None:
        _die_with_parent()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
