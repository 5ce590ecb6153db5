"""Read one reply from the moment it is asked for: its place in the queue, then its frames."""

import asyncio

from gateway.queue_place import Place, QueuePlace
from gateway.relay_ports import RelayedFrame
from gateway.reply_relay import ReplyRelay

__all__ = ["Place", "QueuePlace", "ReplyReading"]

# Most replies begin at once, and their readers shall not hear of a queue.
_FIRST_LOOK_S = 0.2
# While the place is not known yet; then ever less often.
_NEXT_TRY_S = 0.1


class ReplyReading:
    """One reader's way through one reply: its place in the queue until it begins, then its frames.

    ``place`` is ``None`` where nobody wants to know.
    """

    def __init__(self, relay: ReplyRelay, place: Place | None) -> None:
        self._relay = relay
        self._place = place
        self._told: QueuePlace | None = None
        self._try_s = _NEXT_TRY_S
        self._clock = asyncio.get_running_loop().time
        self._look_at = self._clock() + _FIRST_LOOK_S

    @property
    def relay(self) -> ReplyRelay:
        """The relay that frames are read from; the caller releases it."""
        return self._relay

    @property
    def ended(self) -> bool:
        """Whether the reply's end was read."""
        return self._relay.ended

    async def read(self, wait_s: float) -> list[RelayedFrame] | QueuePlace:
        """Return the next frames that add something; nothing after ``wait_s`` without any.

        Until the reply has a frame it may be a ``QueuePlace`` instead: one as soon as the reply is
        known to wait, and another whenever it has changed. Raises what ``ReplyRelay.read`` raises.
        """
        until = self._clock() + wait_s
        while self._is_waiting():
            frames = await self._relay.read(max(0.0, min(until, self._look_at) - self._clock()))
            if frames or self.ended:
                return frames
            news = self._news()
            if news is not None:
                return news
            if self._clock() >= until:
                return []
        return await self._relay.read(max(0.0, until - self._clock()))

    async def wait(self, wait_s: float) -> None:
        """Return once ``read`` has something to look at, or after ``wait_s``; takes nothing."""
        until = self._clock() + wait_s
        if self._is_waiting():
            until = min(until, self._look_at)
        await self._relay.wait(max(0.0, until - self._clock()))

    def _is_waiting(self) -> bool:
        if self._relay.cursor.sequence > 0:
            # It has begun, and is no longer counted among those that wait.
            self._place = None
        return self._place is not None

    def _news(self) -> QueuePlace | None:
        """Return the place if it is time to look and it is not what was told last."""
        if self._clock() < self._look_at or not self._is_waiting() or self._place is None:
            return None
        found = self._place.look()
        if found is None and self._told is None:
            self._look_at = self._clock() + self._try_s
            self._try_s = min(2 * self._try_s, self._place.period_s)
            return None
        self._look_at = self._clock() + self._place.period_s
        if found is None or found == self._told:
            return None
        self._told = found
        return found
