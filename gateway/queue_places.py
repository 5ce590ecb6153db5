"""Give every waiting reader its place in the queue, whichever gateway process took the prompt."""

import asyncio
from weakref import WeakSet

import structlog

from gateway.errors import BrokerUnavailable
from gateway.queue_locations import QueueLocations
from gateway.queue_place import QueuePlace
from gateway.queue_watch import PERIOD_S, Queues
from schemas.direct_get import LogUnavailable

# Each change of a place is a write to a client: with this many readers in a process about 200 a
# second, however many wait.
_READERS_A_PERIOD = 200
_LONGEST_PERIOD_S = 10.0
# Readers that come together are looked up together.
_GATHER_S = 0.05
_BETWEEN_SEARCHES_S = 5.0
_MOST_SEARCHES = 3

log = structlog.get_logger(__name__)


class PlaceInQueue:
    """The place of one reply; it is counted as a reader's as long as somebody holds it."""

    def __init__(self, places: "QueuePlaces", user_id: str, reply_id: str) -> None:
        self._places = places
        self.user_id = user_id
        self.reply_id = reply_id
        self.searches = 0
        self.search_at = 0.0

    @property
    def period_s(self) -> float:
        """How often to look, in seconds; less often where many wait."""
        return self._places.period_s

    def look(self) -> QueuePlace | None:
        """Return the place, ``None`` while it is not known."""
        return self._places.look(self)


class QueuePlaces:
    """The readers of this process that wait."""

    def __init__(self, queues: Queues, locations: QueueLocations) -> None:
        self._queues = queues
        self._locations = locations
        self._readers: WeakSet[PlaceInQueue] = WeakSet()
        self._wanted: list[PlaceInQueue] = []
        self._wake = asyncio.Event()

    @property
    def period_s(self) -> float:
        """How often a reader looks."""
        return min(max(PERIOD_S, len(self._readers) / _READERS_A_PERIOD), _LONGEST_PERIOD_S)

    def place(self, user_id: str, reply_id: str) -> PlaceInQueue:
        """Return the place of a user's reply, whose owner was checked."""
        place = PlaceInQueue(self, user_id, reply_id)
        self._readers.add(place)
        return place

    def look(self, place: PlaceInQueue) -> QueuePlace | None:
        """Return a place as of the last second."""
        location = self._locations.get(place.reply_id)
        if location is not None:
            return self._queues.place(*location)
        now = asyncio.get_running_loop().time()
        if now >= place.search_at and place.searches < _MOST_SEARCHES:
            place.searches += 1
            place.search_at = now + _BETWEEN_SEARCHES_S
            self._wanted.append(place)
            self._wake.set()
        return None

    async def run(self) -> None:
        """Keep the places up to date until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._queues.run(), name="queues")
            tasks.create_task(self._locate(), name="queue-locations")

    async def _locate(self) -> None:
        """Look up what other processes published, one user at a time."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            self._wake.clear()
            await self._locate_wanted()

    async def _locate_wanted(self) -> None:
        by_user: dict[str, list[str]] = {}
        for place in self._wanted:
            by_user.setdefault(place.user_id, []).append(place.reply_id)
        self._wanted = []
        for user_id, reply_ids in by_user.items():
            await self._seek(user_id, reply_ids)

    async def _seek(self, user_id: str, reply_ids: list[str]) -> None:
        try:
            await self._locations.seek(user_id, reply_ids)
        except (BrokerUnavailable, LogUnavailable) as error:
            log.debug("prompts_not_located", error=str(error))
        except Exception:
            # A place is a courtesy: nobody's reply may depend on it.
            log.exception("prompts_not_located")
