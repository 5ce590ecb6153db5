"""Time requests of one client and of sixteen, and how long an ended reply takes to be readable."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from nats.aio.client import Client

from analytics.store_client import Collection, Store
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.events import PromptSubmitted
from schemas.ids import new_ulid, new_user_id
from tests.analytics.consumer_process import publish
from tests.analytics.replies import end_of, prompt_of
from tests.bench.faults.http_exchange import Request, exchange

_POLL_S = 0.025
_SAMPLED = 5
_LOOKED_FOR = 100
_SILENCE_S = 60.0
# No worker serves it, so nobody else ends these replies.
_NOBODYS = "bench"


class Times(NamedTuple):
    """Milliseconds of many requests."""

    p50: float
    p99: float
    most: float


def times_of(seconds: list[float]) -> Times:
    """Return the percentiles."""
    ordered = sorted(second * 1000 for second in seconds)
    return Times(ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])


class Asker(NamedTuple):
    """Sends requests to one gateway, at next to no cost of its own."""

    port: int
    headers: dict[str, str]

    async def get(self, path: str) -> None:
        """Ask and take the answer; raises ``AssertionError`` if it is none."""
        request = Request("GET", path, self.headers)
        answer = await exchange(self.port, request, silence_s=_SILENCE_S)
        assert answer.status == 200, answer.body

    async def times(self, path: str, clients: int, each: int) -> Times:
        """Time ``each`` requests of every client, one after another."""
        taken: list[float] = []

        async def client() -> None:
            for _ in range(each):
                began = time.perf_counter()
                await self.get(path)
                taken.append(time.perf_counter() - began)

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


class Lags:
    """Documents that must come to be, since when, and how long those took that are there.

    ``field`` has another value than ``waiting`` by then. One request looks for all of them.
    """

    def __init__(self, collection: Collection, field: str, waiting: str) -> None:
        self._collection = collection
        self._field = field
        self._waiting = waiting
        self._since: dict[str, float] = {}
        self._seconds: list[float] = []

    @property
    def times(self) -> Times:
        """The percentiles so far."""
        return times_of(self._seconds)

    def expect(self, document_id: str) -> None:
        """Look for a document from now on."""
        self._since[document_id] = time.perf_counter()

    async def watch(self, until: asyncio.Event) -> None:
        """Look until nothing more is expected and nothing is missing."""
        while self._since or not until.is_set():
            await asyncio.sleep(_POLL_S)
            # The embedded store reads every document of the collection to find none.
            if not self._since:
                continue
            wanted = {"_id": {"$in": list(self._since)[:_LOOKED_FOR]}}
            rows = await self._collection.find(wanted, {self._field: 1}).to_list()
            now = time.perf_counter()
            for row in rows:
                if row[self._field] != self._waiting:
                    self._seconds.append(now - self._since.pop(row["_id"]))


async def history_lag(broker: Client, store: Store, replies_per_s: int, seconds: int) -> Times:
    """Publish turns of a second each at a rate, ten in a conversation; time the ends.

    From the end's acknowledgement until it can be read.

    One in ``_SAMPLED`` is looked for, once a ``_POLL_S``, so that looking is no load of its own.
    """
    lags, ended = Lags(store[CHAT_DATABASE][MESSAGES], "status", "pending"), asyncio.Event()
    watch = asyncio.create_task(lags.watch(ended))
    running: deque[PromptSubmitted] = deque()
    conversations: list[tuple[str, str]] = []
    began = time.perf_counter()
    for number in range(replies_per_s * seconds):
        await asyncio.sleep(max(0.0, began + number / replies_per_s - time.perf_counter()))
        if number % (10 * replies_per_s) == 0:
            conversations = [(new_user_id(), new_ulid()) for _ in range(replies_per_s)]
        user_id, conversation_id = conversations[number % replies_per_s]
        running.append(prompt_of(user_id, conversation_id=conversation_id, model=_NOBODYS))
        await publish(broker, running[-1])
        if len(running) > replies_per_s:
            # Of a second ago.
            prompt = running.popleft()
            await publish(broker, end_of(prompt))
            if number % _SAMPLED == 0:
                lags.expect(prompt.assistant_message_id)
    ended.set()
    await watch
    return lags.times
