"""Refuse a prompt before it is published, where too many wait or its user has too many running.

Both counts are the broker's, over all gateway processes, and up to a second old; what this process
accepts meanwhile is added, so that a burst cannot overrun a limit by much. A refusal is made on a
count of this moment, because replies end all the time.
"""

import math
from types import TracebackType
from typing import Self

from gateway.errors import BrokerUnavailable, LimitReached, QueueFull, TooManyRunning
from gateway.model_directory import ModelDirectory
from gateway.queue_depth import QueueDepths
from gateway.recent_count import RecentCount
from gateway.running_replies import RunningReplies
from schemas.direct_get import LogUnavailable

_MAX_AGE_S = 1.0
# From half of a limit on, and of a refusal: at most ten questions a second to the broker.
_MAX_AGE_NEAR_LIMIT_S = 0.1
# Without a live worker nobody knows; not so long that a client gives up.
_UNKNOWN_RETRY_S = 5.0
_LONGEST_RETRY_S = 60.0
# Counts that nobody uses are dropped when there are so many.
_MOST_COUNTS = 2_000


class Seat:
    """Room for one prompt, given back at the end of the block unless the prompt took it."""

    def __init__(self) -> None:
        self._counts: list[RecentCount] = []
        self._taken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def hold(self, count: RecentCount) -> None:
        """Hold room in a count."""
        count.hold()
        self._counts.append(count)

    def take(self) -> None:
        """Say that the prompt was stored."""
        self._taken = True

    def leave(self) -> None:
        """Hold nothing any more."""
        for count in self._counts:
            count.let_go(added=self._taken)
        self._counts = []


class AdmissionLimits:
    """The two limits of this process's settings."""

    def __init__(
        self,
        depths: QueueDepths,
        running: RunningReplies,
        models: ModelDirectory,
        *,
        max_queued_per_model: int,
        max_running_per_user: int,
    ) -> None:
        self._depths = depths
        self._running = running
        self._models = models
        self._max_queued = max_queued_per_model
        self._max_running = max_running_per_user
        self._of_user: dict[str, RecentCount] = {}
        self._of_model: dict[str, RecentCount] = {}

    def begin(self, user_id: str, model: str) -> None:
        """Begin to count, while other checks are made."""
        for count in (self._running_of(user_id), self._queued_of(model)):
            if count.is_older_than(_MAX_AGE_S):
                count.begin()

    async def admit(self, user_id: str, model: str) -> Seat:
        """Return room for one prompt; raises ``LimitReached`` or ``BrokerUnavailable``."""
        seat = Seat()
        try:
            running, queued = self._running_of(user_id), self._queued_of(model)
            if not await _hold(seat, running, self._max_running):
                raise self._too_many_running(model, running.total)
            if not await _hold(seat, queued, self._max_queued):
                raise self._queue_full(model, queued.total)
        except (BrokerUnavailable, LogUnavailable) as error:
            # One of its own: many requests may wait for one count.
            seat.leave()
            raise BrokerUnavailable from error
        except BaseException:
            seat.leave()
            raise
        return seat

    def _running_of(self, user_id: str) -> RecentCount:
        count = self._of_user.get(user_id)
        if count is None:

            async def ask(*, sure: bool) -> int:
                return await self._running.count(user_id, sure=sure)

            _drop_idle(self._of_user)
            count = self._of_user[user_id] = RecentCount(ask)
        return count

    def _queued_of(self, model: str) -> RecentCount:
        count = self._of_model.get(model)
        if count is None:

            async def ask(*, sure: bool) -> int:
                del sure  # It always is.
                return (await self._depths.depth(model, max_age_s=0.0)).pending

            _drop_idle(self._of_model)
            count = self._of_model[model] = RecentCount(ask)
        return count

    def _too_many_running(self, model: str, running: int) -> LimitReached:
        refusal = TooManyRunning(
            f"{running} of your replies have not ended, and {self._max_running} may run at once. "
            "Wait for some to end or cancel them, then send the prompt again."
        )
        pace = self._models.pace(model)
        # Of many that run side by side, one ends before long.
        one_ends_s = None if pace is None else pace.reply_s / running
        refusal.retry_after_s = _whole_seconds(one_ends_s, running - self._max_running + 1)
        return refusal

    def _queue_full(self, model: str, queued: int) -> LimitReached:
        refusal = QueueFull(
            f"{queued} prompts wait for the model {model!r}, and no more than {self._max_queued} "
            "may. Send the prompt again after the seconds in `Retry-After`, or use another model."
        )
        pace = self._models.pace(model)
        one_begins_s = None if pace is None else pace.one_begins_s
        refusal.retry_after_s = _whole_seconds(one_begins_s, queued - self._max_queued + 1)
        return refusal


async def _hold(seat: Seat, count: RecentCount, limit: int) -> bool:
    """Hold room for one more; false when there is none."""
    await count.measure(_MAX_AGE_S)
    if 2 * count.total >= limit:
        # Other processes accept too: the less room is left, the more their part matters.
        await count.measure(_MAX_AGE_NEAR_LIMIT_S)
    if count.total >= limit:
        await count.measure(_MAX_AGE_NEAR_LIMIT_S, sure=True)
    # Nothing is awaited between the look and the hold.
    if count.total >= limit:
        return False
    seat.hold(count)
    return True


def _whole_seconds(one_s: float | None, times: int) -> int:
    """Return how long to wait until room was made so many times."""
    if one_s is None:
        return round(_UNKNOWN_RETRY_S)
    return math.ceil(min(max(one_s * times, 1.0), _LONGEST_RETRY_S))


def _drop_idle(counts: dict[str, RecentCount]) -> None:
    if len(counts) < _MOST_COUNTS:
        return
    for key in [key for key, count in counts.items() if count.is_idle]:
        del counts[key]
