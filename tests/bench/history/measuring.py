"""Time requests of one client and of sixteen, and how long an ended reply takes to be readable."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import httpx
from nats.aio.client import Client

from analytics.store_client import Store
from schemas.documents import CHAT_DATABASE, MESSAGES
from tests.analytics.consumer_process import publish
from tests.analytics.replies import end_of, prompt_of

_POLL_S = 0.005
_SAMPLED = 5


class Times(NamedTuple):
    """Milliseconds of many requests."""

    p50: float
    p99: float
    most: float


def times_of(seconds: list[float]) -> Times:
    """Return the percentiles."""
    ordered = sorted(second * 1000 for second in seconds)
    return Times(ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])


async def requests(http: httpx.AsyncClient, path: str, clients: int, each: int) -> Times:
    """Time ``each`` requests of every client, one after another."""
    taken: list[float] = []

    async def client() -> None:
        for _ in range(each):
            began = time.perf_counter()
            answer = await http.get(path)
            taken.append(time.perf_counter() - began)
            answer.raise_for_status()

    await asyncio.gather(*(client() for _ in range(clients)))
    return times_of(taken)


async def beside(work: Callable[[], Awaitable[object]], measured: Awaitable[Times]) -> Times:
    """Time something while other work is repeated."""

    async def repeat() -> None:
        while True:
            await work()

    noise = asyncio.create_task(repeat())
    try:
        return await measured
    finally:
        noise.cancel()


async def history_lag(broker: Client, store: Store, replies_per_s: int, seconds: int) -> Times:
    """Publish turns at a rate; time from each end's acknowledgement until it can be read."""
    lags: list[float] = []
    tasks: list[asyncio.Task[None]] = []

    async def readable(message_id: str) -> None:
        began = time.perf_counter()
        messages = store[CHAT_DATABASE][MESSAGES]
        while True:
            row = await messages.find_one({"_id": message_id}, {"status": 1})
            if row is not None and row["status"] != "pending":
                break
            await asyncio.sleep(_POLL_S)
        lags.append(time.perf_counter() - began)

    began = time.perf_counter()
    for number in range(replies_per_s * seconds):
        await asyncio.sleep(max(0.0, began + number / replies_per_s - time.perf_counter()))
        prompt = prompt_of()
        await publish(broker, prompt, end_of(prompt))
        if number % _SAMPLED == 0:
            tasks.append(asyncio.create_task(readable(prompt.assistant_message_id)))
    await asyncio.gather(*tasks)
    return times_of(lags)
