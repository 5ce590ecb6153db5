"""Know the places of the replies that wait, for every reader in this process at once.

One line a model, brought up to date once a second while somebody looks at it; a reader's place is
then a search in a list. So a reader costs the broker nothing, and 2,000 cost as little as one.
"""

import asyncio
import math
from contextlib import suppress

import structlog

from gateway.broker_link import BrokerLink
from gateway.errors import BrokerUnavailable
from gateway.header_scan import HeaderScan
from gateway.model_directory import ModelDirectory, Pace
from gateway.queue_depth import QueueDepths
from gateway.queue_line import QueueLine
from gateway.queue_place import QueuePlace
from schemas import subjects
from schemas.direct_get import LogUnavailable

PERIOD_S = 1.0
# A line that nobody looked at for so long is given up; readers look at least every 10 s.
_GIVEN_UP_S = 15.0
# Of the scan at the broker, should this process die.
_SCAN_KEPT_S = 30.0
# New prompts taken into a line at a time, 28 us each: of a longer queue the end is unknown for the
# first seconds.
_JOIN_AT_ONCE = 2_000
# Prompts were purged from the line or have expired: list it anew, but not all the time.
_BETWEEN_RESTARTS_S = 10.0

log = structlog.get_logger(__name__)


class WatchedQueue:
    """The queue of one model."""

    def __init__(
        self, model: str, link: BrokerLink, depths: QueueDepths, models: ModelDirectory
    ) -> None:
        self._model = model
        self._link = link
        self._depths = depths
        self._models = models
        self._clock = asyncio.get_running_loop().time
        self._line = QueueLine()
        self._scan: HeaderScan | None = None
        self._restarted_at = -math.inf
        self._pace: Pace | None = None
        self._looked_at = self._clock()

    def place(self, sequence: int) -> QueuePlace | None:
        """Return the place of a prompt, ``None`` while it is not known.

        The estimate: every place before it takes as long as one reply takes on one of the slots.
        """
        self._looked_at = self._clock()
        position = self._line.position(sequence)
        if position is None:
            return None
        pace = self._pace
        eta_s = None if pace is None else max(1, round(position * pace.one_begins_s))
        return QueuePlace(position, eta_s)

    async def run(self) -> None:
        """Keep the line up to date until nobody looks at it any more."""
        try:
            while self._clock() - self._looked_at < _GIVEN_UP_S:
                try:
                    await self._update()
                except (BrokerUnavailable, LogUnavailable) as error:
                    # Also when the broker forgot the scan in a restart.
                    log.debug("queue_not_read", model=self._model, error=str(error))
                    await self._end_scan()
                await asyncio.sleep(PERIOD_S)
        finally:
            await self._end_scan()

    async def _update(self) -> None:
        # The first place that a reader is told must not be of a while ago.
        max_age_s = 0.0 if self._scan is None else PERIOD_S / 2
        depth = await self._depths.depth(self._model, max_age_s=max_age_s)
        self._pace = self._models.pace(self._model)
        if self._scan is None:
            self._scan = await HeaderScan.open(
                self._link.session().client,
                subjects.prompts_of_model(self._model),
                start={"deliver_policy": "by_start_sequence", "opt_start_seq": depth.delivered + 1},
                kept_s=_SCAN_KEPT_S,
            )
            self._line.restart(depth.delivered)
            self._restarted_at = self._clock()
        joined = await self._scan.next(_JOIN_AT_ONCE)
        # Prompts that came after the depth was asked make no difference to be seen.
        self._line.advance(
            depth.delivered, [prompt.sequence for prompt in joined], complete=not joined
        )
        overdue = self._clock() - self._restarted_at > _BETWEEN_RESTARTS_S
        if overdue and not self._line.agrees(depth.pending):
            await self._end_scan()

    async def _end_scan(self) -> None:
        scan, self._scan = self._scan, None
        if scan is not None:
            await scan.close()


class Queues:
    """The queues that somebody looks at."""

    def __init__(self, link: BrokerLink, depths: QueueDepths, models: ModelDirectory) -> None:
        self._link = link
        self._depths = depths
        self._models = models
        self._watched: dict[str, WatchedQueue] = {}
        self._new: asyncio.Queue[str] = asyncio.Queue()

    def place(self, model: str, sequence: int) -> QueuePlace | None:
        """Return a prompt's place as of the last second, ``None`` while it is not known."""
        queue = self._watched.get(model)
        if queue is None:
            queue = WatchedQueue(model, self._link, self._depths, self._models)
            self._watched[model] = queue
            self._new.put_nowait(model)
        return queue.place(sequence)

    async def run(self) -> None:
        """Watch what is looked at until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                model = await self._new.get()
                tasks.create_task(self._watch(model), name=f"queue-{model}")

    async def _watch(self, model: str) -> None:
        try:
            await self._watched[model].run()
        except Exception:
            # An estimate must not stop the gateway; the next look begins anew.
            log.exception("queue_watch_failed", model=model)
        finally:
            with suppress(KeyError):
                del self._watched[model]
