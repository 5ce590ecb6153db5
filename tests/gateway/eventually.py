"""Wait for what comes soon, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")
DEADLINE_S = 15.0
_POLL_S = 0.02


async def eventually(
    look: Callable[[], Awaitable[Found]], is_it: Callable[[Found], object]
) -> Found:
    """Return what ``look`` gives once it is what is wanted."""
    deadline = time.monotonic() + DEADLINE_S
    while not is_it(found := await look()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(_POLL_S)
    return found
