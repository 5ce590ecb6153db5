"""Follow the log of facts as events come: woken by the broker, read from the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg

from analytics.errors import LogUnavailable
from analytics.log_state import log_state
from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.direct_get import LogUnavailable as ReadFailed
from schemas.events import Event, PromptDied
from schemas.fact_log import Fact, facts_after

# A wake-up may be lost, and then the next look finds what it was for.
_LOOK_EVERY_S = 1.0


class Filter(NamedTuple):
    """Which events are wanted; ``None`` is any."""

    user_id: str | None = None
    kind: str | None = None
    model: str | None = None
    conversation_id: str | None = None

    @property
    def subject(self) -> str:
        """The narrowest subject that holds all of them."""
        return subjects.facts_of_user(self.user_id) if self.user_id else subjects.ALL_FACTS

    def matches(self, event: Event) -> bool:
        """Tell whether an event is wanted."""
        asked = event.prompt if isinstance(event, PromptDied) else event
        return (
            self.user_id in (None, asked.user_id)
            and self.kind in (None, type(event).__name__)
            and self.model in (None, getattr(asked, "model", None))
            and self.conversation_id in (None, getattr(asked, "conversation_id", None))
        )


async def tail(broker: Client, wanted: Filter, after: int | None = None) -> AsyncIterator[Fact]:
    """Yield events behind a sequence, or new ones, in the order of the log and without end.

    What does not parse comes too, unless there is a filter that it cannot match.
    """
    direct_get = await DirectGet.open(broker)
    woken = asyncio.Event()

    async def wake(_: Msg) -> None:
        woken.set()

    await broker.subscribe(subjects.ALL_WAKE_UPS, cb=wake)
    position = (await log_state(broker)).last if after is None else after
    while True:
        woken.clear()
        # A broker that restarts is asked again.
        with suppress(ReadFailed, LogUnavailable):
            async for fact in facts_after(direct_get, wanted.subject, position):
                position = fact.sequence
                if _is_wanted(fact, wanted):
                    yield fact
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await woken.wait()


def _is_wanted(fact: Fact, wanted: Filter) -> bool:
    if fact.event is None:
        return wanted._replace(user_id=None) == Filter()
    return wanted.matches(fact.event)
