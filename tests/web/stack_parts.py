"""Processes of a running stack, to be killed; its supervisor starts them again."""

import psutil

from tests.support.stack_process import StackProcess

_DEADLINE_S = 30


def kill_part(stack: StackProcess, module: str) -> None:
    """Kill ``python -m module`` and what it has started, with SIGKILL."""
    victims = _part(stack, module)
    assert victims
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, timeout=_DEADLINE_S)


def stop_part(stack: StackProcess, module: str) -> None:
    """Ask it to end, as an update would."""
    victims = _part(stack, module)
    assert victims
    victims[0].terminate()
    psutil.wait_procs(victims[:1], timeout=_DEADLINE_S)


def _part(stack: StackProcess, module: str) -> list[psutil.Process]:
    assert stack.process is not None
    for child in psutil.Process(stack.process.pid).children(recursive=True):
        if child.cmdline()[-2:] == ["-m", module]:
            return [child, *child.children(recursive=True)]
    return []
