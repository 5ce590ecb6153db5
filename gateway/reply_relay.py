"""Read one reply for one connection: from the log up to now, then live, without gap or repeat.

The rules are section "Readers" of ``docs/flow.md``. A live message names its sequence and the one
before it on its subject, so a reader knows its cursor and sees every gap; whatever was missed
(a gap, a full inbox, a reconnect, or silence that may hide a lost last frame) is read from the log.
A slow reader holds one batch of the log and its inbox, and nothing else waits for it.
"""

import asyncio
import time

import structlog

from gateway.errors import DeadlinePassed, GatewayError, UnreadableReply
from gateway.live_inbox import LiveInbox
from gateway.log_schedule import LogSchedule
from gateway.relay_ports import FrameLog, RelayedFrame, RelayMeter
from gateway.reply_folding import ReplyFolding
from schemas.cursor import BadCursor, Cursor
from schemas.direct_get import LogUnavailable
from schemas.frames import Delta
from schemas.reply_log import StoredFrame

# A worker that gets the prompt just before its deadline still begins it; clocks differ a little.
_DEADLINE_GRACE_S = 10.0
_COUNTED_TOGETHER = 64
# Half of the default age of the token log: then a worker ends what it runs.
LONGEST_RUN_MS = 1_800_000
_NEVER_ENDED = "No worker was left to end this reply in time; send the prompt again."
# Before it is asked whether the reply will ever end: the worker may be about to mend it.
_QUIET_S = 2.5

log = structlog.get_logger(__name__)


class LogExpired(Exception):
    """The log has lost the beginning of the reply, or all of it."""


class ReplyRelay:
    """One reader of one reply. ``cursor`` is where it stands; ``ended`` after the last frame.

    ``catching_up``: the log held more than ``catch_up`` returned; ``read`` goes on with it.
    ``deadline_ms`` is the Unix time by which the reply must have begun; ``longest_run_ms`` after it
    its worker has ended it, if there is one. ``stays``: its client has
    no cursor to go on with at another gateway.
    """

    def __init__(
        self,
        reply_id: str,
        cursor: Cursor,
        inbox: LiveInbox,
        frames: FrameLog,
        meter: RelayMeter,
        *,
        deadline_ms: int | None = None,
        longest_run_ms: int = LONGEST_RUN_MS,
        stays: bool = False,
    ) -> None:
        self.reply_id = reply_id
        self.stays = stays
        self.inbox = inbox
        self.deadline_ms = deadline_ms
        self._longest_run_ms = longest_run_ms
        self.catching_up = False
        self._frames = frames
        self._meter = meter
        self._folding = ReplyFolding(reply_id, cursor, meter)
        self._loop = asyncio.get_running_loop()
        self._schedule = LogSchedule(self._loop.time)
        self._stopping: GatewayError | None = None
        self._at_gap = False
        self._uncounted = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def cursor(self) -> Cursor:
        """Where the reader stands, after the last frame that was read."""
        return self._folding.cursor

    @property
    def ended(self) -> bool:
        """Whether the reply's one end was read."""
        return self._folding.ended

    def look_into_log(self, reason: str) -> None:
        """Read the log before anything else: frames may have been missed."""
        self._schedule.demand(reason)
        self.inbox.wake()

    def stop(self, reason: GatewayError) -> None:
        """Make ``read`` raise the reason; the reply itself goes on."""
        self._stopping = reason
        self.inbox.wake()

    async def catch_up(self) -> list[RelayedFrame]:
        """Read the log from the cursor on, and check that the cursor is a place in it.

        Of a long reply that is the first part only. Raises ``BadCursor``, ``LogExpired`` or
        ``LogUnavailable``.
        """
        self._meter.caught_up("open")
        at = self.cursor.sequence
        begun = self._schedule.begin()
        stored, more = await self._frames.read_batch(self.reply_id, max(at - 1, 0))
        if at > 0 and not (stored and stored[0].sequence == at):
            if _is_whole((await self._frames.read_batch(self.reply_id)).frames):
                raise BadCursor
            raise LogExpired
        if at == 0 and stored and not _is_whole(stored):
            raise LogExpired
        self._schedule.read(begun, found=bool(stored), more=more)
        relayed = self._folding.take_stored(stored)
        self.catching_up = more and not self.ended
        self._count(len(relayed))
        return relayed

    async def read(self, wait_s: float) -> list[RelayedFrame]:
        """Return the next frames that add something; nothing after ``wait_s`` without any.

        Waits through an absence of the broker. Raises what ``stop`` was given, ``DeadlinePassed``
        when no worker began the reply or was left to end it, or ``UnreadableReply`` when it can
        never end.
        """
        until = self._loop.time() + wait_s
        while True:
            if self._stopping is not None:
                raise self._stopping
            relayed = self._take_live()
            looked = not relayed and self._schedule.is_due
            if looked:
                relayed = await self._read_log()
            if relayed or self.ended:
                self._count(len(relayed))
                return relayed
            if self._loop.time() >= until:
                return relayed
            # Messages that came in while the log was read are looked at before waiting.
            if not looked:
                self._wake_at(min(until, self._schedule.due_at))
                await self.inbox.wait()

    async def wait(self, wait_s: float) -> None:
        """Return once ``read`` has something to look at, or after ``wait_s``; takes nothing.

        For readers that share a connection: what cannot be sent yet stays in the bounded inbox.
        """
        until = self._loop.time() + wait_s
        while not (self._has_news() or self._schedule.is_due or self._loop.time() >= until):
            self._wake_at(min(until, self._schedule.due_at))
            await self.inbox.wait()

    async def close(self) -> None:
        """Give up the subscription."""
        self._meter.relayed(self._uncounted)
        self._uncounted = 0
        if self._timer is not None:
            self._timer.cancel()
        await self.inbox.close()

    def _has_news(self) -> bool:
        if self._stopping is not None or self.ended:
            return True
        if self.inbox.messages:
            # What lies behind a gap can only be read after the log.
            return not self._at_gap
        return self.inbox.dropped

    def _count(self, frames: int) -> None:
        """Tell the meter now and then: it costs as much as folding a frame."""
        self._uncounted += frames
        if self.ended or self._uncounted >= _COUNTED_TOGETHER:
            self._meter.relayed(self._uncounted)
            self._uncounted = 0

    def _take_live(self) -> list[RelayedFrame]:
        """Fold every message that has come in, up to a gap."""
        relayed: list[RelayedFrame] = []
        inbox = self.inbox
        if not inbox.messages:
            if inbox.dropped:
                inbox.dropped = False
                self.look_into_log("overflow")
            return relayed
        before = self.cursor.sequence
        whole = self._folding.take_live(inbox, relayed)
        self._at_gap = not whole
        if self.cursor.sequence > before:
            self._schedule.heard()
        if not whole:
            self._schedule.gap()
        return relayed

    async def _read_log(self) -> list[RelayedFrame]:
        """Read the next batch of the log."""
        schedule = self._schedule
        begun = schedule.begin()
        try:
            # Asked before the log is read: what was written before the reply was finished is in it.
            finished = self._may_never_end() and await self._frames.is_finished(self.reply_id)
            stored, more = await self._frames.read_batch(self.reply_id, self.cursor.sequence)
        except LogUnavailable as error:
            log.debug("log_unavailable", error=str(error))
            schedule.unavailable()
            return []
        self._at_gap = False
        if not self.catching_up:
            self._meter.caught_up(schedule.reason)
        schedule.read(begun, found=bool(stored), more=more)
        if not stored:
            self._give_up_where_nothing_comes(finished=finished)
        relayed = self._folding.take_stored(stored)
        # What lies behind the end is void, however much it is.
        self.catching_up = self.catching_up and more and not self.ended
        return relayed

    def _may_never_end(self) -> bool:
        return self._folding.doubtful and self._schedule.quiet_s >= _QUIET_S

    def _give_up_where_nothing_comes(self, *, finished: bool) -> None:
        """Raise after a look that brought nothing, if no other one will."""
        if finished:
            self._meter.unreadable()
            log.error("reply_unreadable", reply_id=self.reply_id, sequence=self.cursor.sequence)
            raise UnreadableReply
        if self.deadline_ms is None:
            return
        has_begun = self.cursor.sequence > 0
        last_ms = self.deadline_ms + (self._longest_run_ms if has_begun else 0)
        if time.time() * 1000 > last_ms + _DEADLINE_GRACE_S * 1000:
            raise DeadlinePassed(_NEVER_ENDED if has_begun else None)

    def _wake_at(self, due: float) -> None:
        """Arm the one timer.

        One that is due earlier stays: a look too many is cheaper than a timer for each frame.
        """
        if self._timer is not None:
            if self._timer.when() <= due and not self._timer.cancelled():
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self.inbox.wake()


def _is_whole(stored: list[StoredFrame]) -> bool:
    """Tell whether the log begins where the reply began: with an attempt, or a canceller's end."""
    return bool(stored) and not isinstance(stored[0].frame, Delta)
