"""Compare while the live projection goes on: what differs is looked at again after catching up."""

import asyncio
import time
from typing import NamedTuple

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from analytics.errors import LogUnavailable
from analytics.replay.comparing import Counts, Difference, compared, counted
from analytics.replay.rebuild import Rebuild
from analytics.replay.replay_store import ReplayState
from analytics.replay.replaying import Replay
from schemas.streams import CHAT

# Of a document that changes all the time, the last look follows within milliseconds.
_LOOKS = 4
# That so many differ is no matter of time.
_LOOKED_AT_AGAIN = 1_000
# How long the live consumer may take to come as far as the rebuild.
_LIVE_WITHIN_S = 10.0
_POLL_S = 0.05


class Comparison(NamedTuple):
    """The counts by collection, and the first differences."""

    counts: dict[str, Counts]
    differences: list[Difference]

    @property
    def equal(self) -> bool:
        """Whether there was no difference."""
        return not self.differences


async def compare(
    replay: Replay, rebuild: Rebuild, state: ReplayState, broker: Client, projection: str
) -> tuple[Comparison, ReplayState]:
    """Compare all documents; of a part, those that it has. Returns the state after catching up."""
    state = await replay.catch_up(state)
    await live_reached(broker, projection, state.position)
    found = await _look(replay, rebuild, state)
    for _ in range(_LOOKS - 1):
        if not 0 < len(found.differences) <= _LOOKED_AT_AGAIN:
            break
        state = await replay.catch_up(state)
        await live_reached(broker, projection, state.position)
        found = await _look_again(replay, rebuild, state, found)
    return found, state


async def _look(replay: Replay, rebuild: Rebuild, state: ReplayState) -> Comparison:
    counts: dict[str, Counts] = {}
    differences: list[Difference] = []
    for pair in rebuild.collections:
        counts[pair.name] = Counts()
        async for difference in compared(pair, replay.erased):
            if _passed_over(difference, state):
                continue
            counts[pair.name] = counted(counts[pair.name], difference)
            if difference is not None and len(differences) <= _LOOKED_AT_AGAIN:
                differences.append(difference)
    return Comparison(counts, differences)


async def _look_again(
    replay: Replay, rebuild: Rebuild, state: ReplayState, before: Comparison
) -> Comparison:
    counts, differences = dict(before.counts), []
    for pair in rebuild.collections:
        old = [found for found in before.differences if found.collection == pair.name]
        equal = counts[pair.name].equal
        now = Counts(equal=equal)
        keys = [found.key for found in old]
        for chunk in (keys[start : start + 200] for start in range(0, len(keys), 200)):
            async for difference in compared(pair, replay.erased, chunk):
                if _passed_over(difference, state):
                    continue
                now = counted(now, difference)
                if difference is not None:
                    differences.append(difference)
        counts[pair.name] = now
    return Comparison(counts, differences)


def _passed_over(difference: Difference | None, state: ReplayState) -> bool:
    return state.part and difference is not None and difference.rebuilt is None


async def live_reached(broker: Client, projection: str, sequence: int) -> None:
    """Wait until the live consumer has handled a sequence; it may have given up on some."""
    deadline = time.monotonic() + _LIVE_WITHIN_S
    while time.monotonic() < deadline:
        try:
            info = await broker.jetstream().consumer_info(CHAT, projection)
        except (NatsError, APIError, TimeoutError) as error:
            raise LogUnavailable(f"the broker does not tell of {projection}") from error
        settled = not info.num_pending and not info.num_ack_pending
        if settled or (info.ack_floor and info.ack_floor.stream_seq >= sequence):
            return
        await asyncio.sleep(_POLL_S)
