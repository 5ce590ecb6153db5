"""``asyncio.wait_for`` as of Python 3.12, for 3.11: there a cancellation can be lost.

In 3.11 a task that is cancelled in the moment in which its awaited result comes gets the result
and never learns of the cancellation (https://github.com/python/cpython/issues/86296, mended in
3.12). nats-py and PyMongo wait so for every answer. A task that asks again and again then outlives
its end, and its process waits for it for ever. Why it is mended here and not around each task:
``docs/adr/0014-one-wait-for.md``.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")

_wait_for_of_311 = asyncio.wait_for


async def _wait_for(fut: Awaitable[Result], timeout: float | None) -> Result:  # noqa: ASYNC109
    """Wait for ``fut`` at most ``timeout`` seconds, then cancel it; raises ``TimeoutError``."""
    if timeout is not None and timeout <= 0:
        return await _wait_for_of_311(fut, timeout)
    async with asyncio.timeout(timeout):
        return await fut


def mend_wait_for() -> None:
    """Let every library of this process wait so; to be called before they are imported."""
    if sys.version_info < (3, 12):
        asyncio.wait_for = asyncio.tasks.wait_for = _wait_for  # type: ignore[assignment]
