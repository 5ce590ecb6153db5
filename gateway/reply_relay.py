"""Read one reply for one connection: from the log up to now, then live, without gap or repeat.

The rules are section "Readers" of ``docs/flow.md``. A live message names its sequence and the one
before it on its subject, so a reader knows its cursor and sees every gap; whatever was missed
(a gap, a full inbox, a reconnect, or silence that may hide a lost last frame) is read from the log.
"""

import asyncio
import time

import msgspec
import structlog
from nats.aio.msg import Msg

from gateway.errors import DeadlinePassed, GatewayStopping
from gateway.live_inbox import LiveInbox
from gateway.relay_ports import FrameLog, RelayedFrame, RelayMeter
from schemas.cursor import BadCursor, Cursor
from schemas.direct_get import LogUnavailable
from schemas.fold import fold
from schemas.frames import Delta, Frame, decode_frame
from schemas.reply_log import StoredFrame

# The last republished frame may be lost and nothing would reveal it: look, but ever less often.
_FIRST_SILENCE_S = 1.0
_LONGEST_SILENCE_S = 5.0
# At most this often for a gap, should a replica of the log lag behind what was republished.
_BETWEEN_GAP_READS_S = 0.05
_RETRY_S = 0.25
# A worker that gets the prompt just before its deadline still begins it; clocks differ a little.
_DEADLINE_GRACE_S = 10.0
_COUNTED_TOGETHER = 64

log = structlog.get_logger(__name__)


class LogExpired(Exception):
    """The log has lost the beginning of the reply, or all of it."""


class ReplyRelay:
    """One reader of one reply. ``cursor`` is where it stands; ``ended`` after the last frame.

    ``deadline_ms`` is the Unix time by which the reply must have begun.
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
    ) -> None:
        self.reply_id = reply_id
        self.cursor = cursor
        self.inbox = inbox
        self.deadline_ms = deadline_ms
        self._frames = frames
        self._meter = meter
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._silence_s = _FIRST_SILENCE_S
        self._reason = "silence"
        self._demands = 0
        self._uncounted = 0
        self._gap_read_from = 0.0
        self._log_due_at = self._loop.time() + _FIRST_SILENCE_S
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ended(self) -> bool:
        """Whether the reply's one end was read."""
        return self.cursor.state.ended

    def look_into_log(self, reason: str) -> None:
        """Read the log before anything else: frames may have been missed."""
        self._reason, self._log_due_at = reason, 0.0
        self._demands += 1
        self.inbox.wake()

    def stop(self) -> None:
        """Make ``read`` raise ``GatewayStopping``."""
        self._stopping = True
        self.inbox.wake()

    async def catch_up(self) -> list[RelayedFrame]:
        """Read the log once, from the cursor on, and check that the cursor is a place in it.

        Raises ``BadCursor``, ``LogExpired`` or ``LogUnavailable``.
        """
        self._meter.caught_up("open")
        at = self.cursor.sequence
        stored = await self._frames.read(self.reply_id, max(at - 1, 0))
        if at > 0 and not (stored and stored[0].sequence == at):
            if _is_whole(await self._frames.read(self.reply_id)):
                raise BadCursor
            raise LogExpired
        if at == 0 and stored and not _is_whole(stored):
            raise LogExpired
        relayed = self._apply_stored(stored)
        self._count(len(relayed))
        return relayed

    async def read(self, wait_s: float) -> list[RelayedFrame]:
        """Return the next frames that add something; nothing after ``wait_s`` without any.

        Waits through an absence of the broker. Raises ``GatewayStopping``, or ``DeadlinePassed``
        when no worker began the reply.
        """
        until = self._loop.time() + wait_s
        while True:
            if self._stopping:
                raise GatewayStopping
            relayed = self._take_live()
            looked = not relayed and self._loop.time() >= self._log_due_at
            if looked:
                relayed = await self._read_log()
            if relayed or self.ended:
                self._count(len(relayed))
                return relayed
            if self._loop.time() >= until:
                return relayed
            # Messages that came in while the log was read are looked at before waiting.
            if not looked:
                self._wake_at(min(until, self._log_due_at))
                await self.inbox.wait()

    async def close(self) -> None:
        """Give up the subscription."""
        self._meter.relayed(self._uncounted)
        self._uncounted = 0
        if self._timer is not None:
            self._timer.cancel()
        await self.inbox.close()

    def _count(self, frames: int) -> None:
        """Tell the meter now and then: it costs as much as folding a frame."""
        self._uncounted += frames
        if self.ended or self._uncounted >= _COUNTED_TOGETHER:
            self._meter.relayed(self._uncounted)
            self._uncounted = 0

    def _take_live(self) -> list[RelayedFrame]:
        """Fold every message that has come in, up to a gap."""
        relayed: list[RelayedFrame] = []
        messages = self.inbox.messages
        if not messages:
            if self.inbox.dropped:
                self.inbox.dropped = False
                self.look_into_log("overflow")
            return relayed
        before = self.cursor.sequence
        gap = False
        while messages and not self.ended:
            if not self._take(messages[0], relayed):
                gap = True
                break
            messages.popleft()
        if self.cursor.sequence > before and self._log_due_at > 0.0:
            self._silence_s = _FIRST_SILENCE_S
            self._log_due_at = self._loop.time() + _FIRST_SILENCE_S
        if gap:
            self._log_needed_for_gap()
        return relayed

    def _take(self, message: Msg, relayed: list[RelayedFrame]) -> bool:
        """Fold one message; false when frames before it are missing."""
        headers = message.headers or {}
        sequence = int(headers["Nats-Sequence"])
        at = self.cursor.sequence
        if sequence <= at:
            return True
        if int(headers["Nats-Last-Sequence"]) != at:
            return False
        try:
            frame = decode_frame(message.data)
        except msgspec.DecodeError:
            self._skip(sequence)
        else:
            self._apply(sequence, frame, relayed)
        return True

    def _log_needed_for_gap(self) -> None:
        if self._gap_read_from < self._log_due_at:
            self._reason, self._log_due_at = "gap", self._gap_read_from

    async def _read_log(self) -> list[RelayedFrame]:
        demands = self._demands
        try:
            stored = await self._frames.read(self.reply_id, self.cursor.sequence)
        except LogUnavailable as error:
            log.debug("log_unavailable", error=str(error))
            self._gap_read_from = self._log_due_at = self._loop.time() + _RETRY_S
            return []
        self._meter.caught_up(self._reason)
        self._silence_s = (
            _FIRST_SILENCE_S if stored else min(self._silence_s * 2, _LONGEST_SILENCE_S)
        )
        now = self._loop.time()
        self._gap_read_from = now + _BETWEEN_GAP_READS_S
        if demands == self._demands:
            # Otherwise there was a reconnect meanwhile, and the log is read again.
            self._reason, self._log_due_at = "silence", now + self._silence_s
        if not stored and self._is_overdue():
            raise DeadlinePassed
        return self._apply_stored(stored)

    def _is_overdue(self) -> bool:
        if self.deadline_ms is None or self.cursor.sequence > 0:
            return False
        return time.time() * 1000 > self.deadline_ms + _DEADLINE_GRACE_S * 1000

    def _apply_stored(self, stored: list[StoredFrame]) -> list[RelayedFrame]:
        relayed: list[RelayedFrame] = []
        for sequence, frame, _ in stored:
            if sequence <= self.cursor.sequence:
                continue
            if self.ended:
                break
            if frame is None:
                self._skip(sequence)
            else:
                self._apply(sequence, frame, relayed)
        return relayed

    def _apply(self, sequence: int, frame: Frame, relayed: list[RelayedFrame]) -> None:
        step = fold(self.cursor.state, frame)
        cursor = self.cursor = Cursor(sequence, step.state)
        # Void frames, duplicates and what lies past a hole move the cursor and add nothing.
        if step.text or step.took_over or step.state.ended:
            relayed.append(RelayedFrame(cursor, step, frame))

    def _skip(self, sequence: int) -> None:
        self.cursor = Cursor(sequence, self.cursor.state)
        self._meter.bad_frame()
        log.warning("frame_unreadable", reply_id=self.reply_id, sequence=sequence)

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
