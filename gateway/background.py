"""Own the tasks that outlive the request or message that began them.

A handler is cancelled at any await when its client hangs up. What must not stop half-way runs in a
task of its own, which is finished, or given up, when the process stops.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Background:
    """The tasks of one process; it is for the tasks themselves to be bounded in time."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run ``work`` in a task that nobody waits for; a failure is logged."""
        self._own(work, name).add_done_callback(_log_failure)

    async def finish(self, work: Coroutine[Any, Any, Result], name: str) -> Result:
        """Run ``work`` and return its result; it goes on if the caller is cancelled."""
        task = self._own(work, name)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    def _own(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self, wait_s: float) -> None:
        """Wait for what is under way; what is not done by then is cancelled.

        What does not heed that is left behind after as long again.
        """
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=wait_s)
        for task in late:
            log.warning("background_task_given_up", task=task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=wait_s)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("background_task_failed", task=task.get_name(), error=repr(error))
