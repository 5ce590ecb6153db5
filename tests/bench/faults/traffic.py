"""Keep a number of replies running at all times, each with its readers, and wait for their ends."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.bench.faults.client import Client, Refused
from tests.bench.faults.prompts import Prompt
from tests.bench.faults.reading import Reading

# After the last fault. A takeover takes ack_wait and a second, several may follow each other, and a
# worker that starts on a busy machine takes its time; what hangs does so for ever.
HUNG_AFTER_S = 90.0
_POLL_S = 0.05
_SECOND_READER_WITHIN_S = 3.0


@dataclass
class Reply:
    """One accepted prompt and what its readers saw; the first one reads from the start.

    ``cancelled``: somebody asked for that, so it may end so.
    """

    reply_id: str
    prompt: Prompt
    readings: list[Reading]
    cancelled: bool = False

    @property
    def reading(self) -> Reading:
        """What its first reader saw."""
        return self.readings[0]

    @property
    def running(self) -> bool:
        """Whether its first reader has seen a token and not yet the end."""
        return self.reading.done is None and bool(self.reading.texts)


class Traffic:
    """Asks a new prompt whenever a reply has ended."""

    def __init__(
        self, client: Client, rng: random.Random, prompt: Callable[[], Prompt], readers: int = 1
    ) -> None:
        self.replies: list[Reply] = []
        self._client = client
        self._rng = rng
        self._prompt = prompt
        self._readers = readers
        self._stopping = False
        self._asking = 0
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def keep_running(self, replies: int) -> AsyncIterator[None]:
        """Keep so many replies running while the block runs, then wait for their ends.

        What has not ended ``HUNG_AFTER_S`` after the block is left as it is: hung.
        """
        self._tasks = [asyncio.create_task(self._one_after_another()) for _ in range(replies)]
        async with self._reading_to_the_end(HUNG_AFTER_S):
            await self.until_running(replies)
            yield

    @asynccontextmanager
    async def run_at_once(
        self, replies: int, hung_after_s: float = HUNG_AFTER_S
    ) -> AsyncIterator[None]:
        """Ask so many prompts at once, and wait for the ends of the replies after the block."""
        self._tasks = [asyncio.create_task(self._one()) for _ in range(replies)]
        async with self._reading_to_the_end(hung_after_s):
            yield

    async def stop(self) -> None:
        """Ask no more, and hear of every reply that was asked for; they go on to their ends."""
        self._stopping = True
        while self._asking:  # noqa: ASYNC110 - a matter of milliseconds
            await asyncio.sleep(_POLL_S)

    async def until_running(self, replies: int) -> None:
        """Return once so many replies have begun and not ended."""
        async with asyncio.timeout(HUNG_AFTER_S):
            while sum(1 for _ in self.running()) < replies:  # noqa: ASYNC110 - many events
                await asyncio.sleep(_POLL_S)

    async def until_begun(self, replies: int) -> None:
        """Return once a token was seen of so many replies, even if they have ended since."""
        async with asyncio.timeout(HUNG_AFTER_S):
            while sum(bool(reply.reading.texts) for reply in self.replies) < replies:  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)

    def running(self) -> Iterator[Reply]:
        """Yield the replies of which a token was seen and the end was not."""
        return (reply for reply in self.replies if reply.running)

    async def ask(self) -> Reply:
        """Submit one prompt."""
        prompt = self._prompt()
        self._asking += 1
        try:
            reply_id = await self._client.ask(prompt.content, prompt.params)
        finally:
            self._asking -= 1
        reply = Reply(reply_id, prompt, [Reading(reply_id)])
        self.replies.append(reply)
        return reply

    async def ask_one_more(self) -> Reply:
        """Submit one prompt beside those that are kept running, and have it read too."""
        reply = await self.ask()
        self._tasks.append(asyncio.create_task(self._read(reply.reading)))
        return reply

    async def _read_too(self, reply: Reply) -> None:
        """Join a reply a moment later."""
        reading = Reading(reply.reply_id)
        reply.readings.append(reading)
        await asyncio.sleep(self._rng.uniform(0, _SECOND_READER_WITHIN_S))
        await self._read(reading)

    async def _read(self, reading: Reading) -> None:
        try:
            await self._client.read(reading)
        except Refused as error:
            reading.complaints.append(f"refused at {reading.cursor}: {error}")

    async def _one_after_another(self) -> None:
        while not self._stopping:
            await self._one()

    async def _one(self) -> None:
        reply = await self.ask()
        async with asyncio.TaskGroup() as readers:
            readers.create_task(self._read(reply.reading))
            for _ in range(1, self._readers):
                readers.create_task(self._read_too(reply))

    @asynccontextmanager
    async def _reading_to_the_end(self, hung_after_s: float) -> AsyncIterator[None]:
        try:
            yield
            await self.stop()
            await asyncio.wait(self._tasks, timeout=hung_after_s)
        finally:
            for task in self._tasks:
                task.cancel()
            results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
