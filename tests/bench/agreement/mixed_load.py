"""Let many people do everything at once until there are so many replies, and kill meanwhile."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.bench.agreement.person import Person
from tests.bench.faults.service import Service
from tests.bench.faults.stack import Stack

# At once, by each person: less than a user may have running.
_AT_ONCE = 6
# Erasing takes a while for each frame of each reply.
_VISITORS_TALKS = 10
_WORKER_EVERY_S, _CONSUMER_EVERY_S = 8.0, 4.0

# What people do, how often of 100, and how many replies it makes.
_DEEDS: tuple[tuple[Callable[[Person], Awaitable[None]], int, int], ...] = (
    (Person.talk, 44, 1),
    (Person.complete, 25, 1),
    (Person.change_ones_mind, 9, 1),
    (Person.talk_and_judge, 7, 1),
    (Person.ask_twice, 5, 2),
    (Person.talk_in_passing, 5, 1),
    (Person.talk_and_delete, 5, 1),
)


class MixedLoad:
    """``deeds`` counts what was done, ``kills`` what was killed, by name.

    ``visitor`` is somebody who talks a little and has their account erased in the midst of it all.
    """

    def __init__(self, people: list[Person], visitor: Person, rng: random.Random) -> None:
        self.deeds: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.replies = 0
        self._people = people
        self._visitor = visitor
        self._rng = rng

    async def run(self, stack: Stack, replies: int) -> None:
        """Return once so many replies have ended."""
        async with self._kills(stack), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._visit())
            for person in self._people:
                for _ in range(_AT_ONCE):
                    tasks.create_task(self._busy(person, replies))

    async def _visit(self) -> None:
        for _ in range(_VISITORS_TALKS):
            self.replies += 1
            await self._visitor.talk()
        await self._visitor.erase()
        self.deeds["erase"] += 1

    async def _busy(self, person: Person, replies: int) -> None:
        weights = [weight for _, weight, _ in _DEEDS]
        while self.replies < replies:
            deed, _, made = self._rng.choices(_DEEDS, weights)[0]
            # Counted before, so that no more are begun than are wanted.
            self.replies += made
            await deed(person)
            self.deeds[getattr(deed, "__name__", "")] += 1

    @asynccontextmanager
    async def _kills(self, stack: Stack) -> AsyncIterator[None]:
        kinds = ((stack.consumers, _CONSUMER_EVERY_S), (stack.workers, _WORKER_EVERY_S))
        killing = [asyncio.create_task(self._kill_in_turn(*kind)) for kind in kinds]
        try:
            yield
        finally:
            for task in killing:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        # Who was killed last comes back.
        await asyncio.gather(*(_ready(s) for s in (*stack.consumers, *stack.workers)))

    async def _kill_in_turn(self, services: list[Service], every_s: float) -> None:
        for service in itertools.cycle(services):
            await asyncio.sleep(every_s)
            await _ready(service)
            await service.kill()
            service.start_soon()
            self.kills[service.log_path.stem] += 1


async def _ready(service: Service) -> None:
    while not service.ready:
        service.check()
        await asyncio.sleep(0.05)
