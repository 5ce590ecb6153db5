"""Run a command over broker and store, and end it with a sentence when it fails."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from nats.aio.client import Client

from analytics.errors import CommandFailed
from schemas.broker import connect, disconnect
from schemas.errors import RivuletError
from schemas.settings import Settings

_CONNECT_S = 5.0
_INTERRUPTED = 130


def run(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run it and return its exit status: 1 with a sentence on stderr when it fails."""
    try:
        return uvloop.run(work())
    except RivuletError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Who read it has left, such as `head`. Python flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@asynccontextmanager
async def broker_of(settings: Settings, name: str) -> AsyncIterator[Client]:
    """Return a connection to the stack's broker; raises ``CommandFailed`` when none answers."""
    url = settings.require("NATS_URL")
    try:
        async with asyncio.timeout(_CONNECT_S):
            broker = await connect(url, name)
    except TimeoutError:
        raise CommandFailed(
            f"No broker answers at {url}. Start the stack with `make up`, or set RIVULET_NATS_URL "
            "to the broker that it runs on."
        ) from None
    try:
        yield broker
    finally:
        await disconnect(broker)
