"""A pull that cannot be sent lets everything else of its process go on."""

import asyncio
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.errors import OutboundBufferLimitError
from nats.errors import TimeoutError as NatsTimeoutError

from analytics.event_pull import EventPull


class FullClient:
    """A client that cannot take another byte while its broker is away."""

    async def publish(self, *_: Any, **__: Any) -> None:
        raise OutboundBufferLimitError


async def test_a_request_that_cannot_be_sent_gives_others_their_turn() -> None:
    pull = EventPull(cast("Client", FullClient()), "inbox", "pull")
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    # FastStream asks again at once.
    for _ in range(2):
        with pytest.raises(NatsTimeoutError):
            await pull.fetch(128, 1.0)
    beside.cancel()
    assert turns > 0
