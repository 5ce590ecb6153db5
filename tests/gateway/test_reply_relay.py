"""The reader of a reply: whatever goes missing live is read from the log, once and in order."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator

import pytest

from gateway import live_inbox
from gateway.errors import DeadlinePassed, GatewayStopping, UnreadableReply
from gateway.live_inbox import LiveInbox, LiveMessage
from gateway.log_schedule import LogSchedule
from gateway.reply_relay import LogExpired, ReplyRelay
from schemas.cursor import START, BadCursor, Cursor
from schemas.direct_get import LogUnavailable
from schemas.fold import FoldState
from schemas.frames import Attempt, Delta, End, Frame, encode_frame
from schemas.reply_log import FrameBatch, StoredFrame

REPLY = "A" * 36
WAIT_S = 10.0


class Stream:
    """A reply's part of the log: what is stored, and what the broker republishes of it."""

    def __init__(self) -> None:
        self.stored: list[StoredFrame] = []
        self.messages: list[LiveMessage] = []
        self.reads = 0
        self.asked = 0
        self.available = True
        self.finished = False
        self.batch = 512
        self._numbers = itertools.count(10, 3)

    def store(self, frame: Frame | None) -> LiveMessage:
        """Store a frame and return its live message; ``None`` is one that does not parse."""
        before = self.stored[-1].sequence if self.stored else 0
        sequence = next(self._numbers)
        self.stored.append(StoredFrame(sequence, frame))
        headers = b"NATS/1.0\r\nNats-Sequence: %d\r\nNats-Last-Sequence: %d\r\n\r\n"
        data = b"garbage" if frame is None else encode_frame(frame)
        message = LiveMessage(headers % (sequence, before), data)
        self.messages.append(message)
        return message

    async def read_batch(self, reply_id: str, after: int = 0) -> FrameBatch:
        assert reply_id == REPLY
        self.asked += 1
        if not self.available:
            raise LogUnavailable
        self.reads += 1
        frames = [frame for frame in self.stored if frame.sequence > after]
        return FrameBatch(frames[: self.batch], len(frames) > self.batch)

    async def is_finished(self, reply_id: str) -> bool:
        assert reply_id == REPLY
        return self.finished


class Meter:
    """Counts what the relay reports."""

    def __init__(self) -> None:
        self.frames = 0
        self.bad = 0
        self.given_up = 0
        self.reasons: list[str] = []

    def relayed(self, frames: int) -> None:
        self.frames += frames

    def caught_up(self, reason: str) -> None:
        self.reasons.append(reason)

    def bad_frame(self) -> None:
        self.bad += 1

    def unreadable(self) -> None:
        self.given_up += 1


def say(offset: int, text: str, n: int = 1) -> Delta:
    return Delta(n, offset, [offset], text)


def end(tokens: int, n: int = 1) -> End:
    return End(n=n, tokens=tokens, status="completed", finish_reason="stop")


def whole_reply(tokens: int) -> Stream:
    stream = Stream()
    stream.store(Attempt(1, "w"))
    for index in range(tokens):
        stream.store(say(index, f"{index} "))
    stream.store(end(tokens))
    return stream


def text(tokens: int) -> str:
    return "".join(f"{index} " for index in range(tokens))


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
async def relay(stream: Stream, meter: Meter) -> AsyncIterator[ReplyRelay]:
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    yield relay
    await relay.close()


async def read_all(relay: ReplyRelay) -> str:
    pieces: list[str] = []
    async with asyncio.timeout(WAIT_S):
        while not relay.ended:
            pieces += [frame.step.text for frame in await relay.read(WAIT_S)]
    return "".join(pieces)


async def test_an_undisturbed_reply_is_read_without_the_log(
    relay: ReplyRelay, stream: Stream
) -> None:
    for message in whole_reply(5).messages:
        relay.inbox.take(*message)
    assert await read_all(relay) == text(5)
    assert stream.reads == 0


@pytest.mark.parametrize("seed", range(15))
async def test_messages_dropped_or_repeated_at_random_change_nothing(
    stream: Stream, meter: Meter, seed: int
) -> None:
    chance = random.Random(seed)
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)

    async def deliver() -> None:
        for message in whole_reply(40).messages:
            stream.stored.append(_stored(message))
            for _ in range(chance.choice((0, 1, 1, 1, 2))):
                relay.inbox.take(*message)
            if chance.random() < 0.5:
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        assert await read_all(relay) == text(40)
    assert meter.frames == 41
    await relay.close()


async def test_a_lost_last_frame_is_found_after_a_second_of_silence(
    relay: ReplyRelay, stream: Stream, meter: Meter
) -> None:
    whole = whole_reply(3)
    stream.stored = whole.stored
    for message in whole.messages[:-1]:
        relay.inbox.take(*message)
    began = asyncio.get_running_loop().time()
    assert await read_all(relay) == text(3)
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.0, abs=0.5)
    assert meter.reasons == ["silence"]


async def test_a_reconnect_reads_the_log_at_once(
    relay: ReplyRelay, stream: Stream, meter: Meter
) -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(relay.read(WAIT_S))
        await asyncio.sleep(0)
        stream.store(Attempt(1, "w"))
        stream.store(say(0, "while away"))
        relay.look_into_log("reconnect")
    assert [frame.step.text for frame in reading.result()] == ["while away"]
    assert meter.reasons == ["reconnect"]


async def test_a_log_that_does_not_answer_is_asked_again(relay: ReplyRelay, stream: Stream) -> None:
    for frame in (Attempt(1, "w"), say(0, "kept"), end(1)):
        stream.store(frame)
    stream.available = False
    relay.look_into_log("reconnect")
    assert await relay.read(0.4) == []
    # A gap does not make it ask more often than that.
    relay.inbox.take(*stream.messages[-1])
    assert await relay.read(0.4) == []
    assert stream.asked <= 5
    stream.available = True
    assert await read_all(relay) == "kept"


async def test_what_adds_nothing_moves_the_cursor_only(relay: ReplyRelay, meter: Meter) -> None:
    stream = Stream()
    stream.store(Attempt(1, "w"))
    stream.store(say(0, "a"))
    stream.store(say(0, "a"))
    stream.store(say(5, "past a hole"))
    stream.store(say(1, "older", n=0))
    stream.store(None)
    stream.store(end(7))
    for message in stream.messages:
        relay.inbox.take(*message)
    frames = await relay.read(0)
    assert [frame.step.text for frame in frames] == ["a"]
    assert relay.cursor == Cursor(stream.stored[-1].sequence, FoldState(1, 1, 1))
    assert not relay.ended
    assert meter.bad == 1


async def test_a_full_inbox_drops_and_the_log_gives_the_rest(
    relay: ReplyRelay, stream: Stream
) -> None:
    tokens = live_inbox.BOUND * 2
    whole = whole_reply(tokens)
    stream.stored = whole.stored
    for message in whole.messages:
        relay.inbox.take(*message)
    assert len(relay.inbox.messages) == live_inbox.BOUND
    assert await read_all(relay) == text(tokens)


async def test_an_inbox_is_bounded_by_bytes_too(relay: ReplyRelay, stream: Stream) -> None:
    tokens, size = 40, live_inbox.BOUND_BYTES // 10
    stream.store(Attempt(1, "w"))
    for index in range(tokens):
        stream.store(say(index, f"{index:0{size}}"))
    stream.store(end(tokens))
    for message in stream.messages:
        relay.inbox.take(*message)
        assert sum(len(kept.data) for kept in relay.inbox.messages) <= live_inbox.BOUND_BYTES
    assert 2 < len(relay.inbox.messages) < 12
    assert await read_all(relay) == "".join(f"{index:0{size}}" for index in range(tokens))


async def test_what_was_read_makes_room_in_the_inbox(stream: Stream) -> None:
    inbox = LiveInbox()
    message = stream.store(say(0, "x" * (live_inbox.BOUND_BYTES // 3)))
    for _ in range(3):
        for _ in range(5):
            inbox.take(*message)
        assert len(inbox.messages) == 2
        inbox.remove_first()
        inbox.remove_first()


async def test_a_long_reply_is_caught_up_in_batches(meter: Meter) -> None:
    stream = whole_reply(25)
    stream.batch = 10
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    batches = [await relay.catch_up()]
    assert relay.catching_up
    # What comes live meanwhile is not passed on before its turn.
    relay.inbox.take(*stream.messages[-1])
    while relay.catching_up:
        batches.append(await relay.read(WAIT_S))
        assert stream.reads == len(batches)
    assert [len(batch) for batch in batches] == [9, 10, 7]
    assert "".join(frame.step.text for batch in batches for frame in batch) == text(25)
    assert relay.ended
    assert meter.reasons == ["open"]


async def test_a_batch_that_fails_is_asked_for_again(meter: Meter) -> None:
    stream = whole_reply(25)
    stream.batch = 10
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    frames = await relay.catch_up()
    stream.available = False
    assert await relay.read(0.4) == []
    assert relay.catching_up
    stream.available = True
    while not relay.ended:
        frames += await relay.read(WAIT_S)
    assert "".join(frame.step.text for frame in frames) == text(25)


async def test_a_cursor_in_a_long_reply_goes_on_in_batches(meter: Meter) -> None:
    stream = whole_reply(40)
    stream.batch = 10
    at = Cursor(stream.stored[21].sequence, FoldState(1, 21, len(text(21))))
    relay = ReplyRelay(REPLY, at, LiveInbox(), stream, meter)
    pieces = [frame.step.text for frame in await relay.catch_up()]
    assert len(pieces) == 9
    assert text(21) + "".join(pieces) + await read_all(relay) == text(40)


DEAD_ENDS: dict[str, list[Frame | None]] = {
    "a token does not parse": [Attempt(1, "w"), say(0, "a"), None, say(2, "c"), end(3)],
    "the marker does not parse": [None, say(0, "a"), end(1)],
    "the end does not parse": [Attempt(1, "w"), say(0, "a"), None],
    "a repeated end": [Attempt(1, "w"), say(0, "a"), None, end(2), end(2), end(2)],
}


@pytest.mark.parametrize("frames", DEAD_ENDS.values(), ids=DEAD_ENDS.keys())
@pytest.mark.parametrize("live", [True, False], ids=["live", "from the log"])
async def test_a_reply_that_can_never_end_fails_once_its_worker_is_done(
    stream: Stream,
    meter: Meter,
    monkeypatch: pytest.MonkeyPatch,
    frames: list[Frame],
    *,
    live: bool,
) -> None:
    monkeypatch.setattr("gateway.reply_relay._QUIET_S", 0.5)
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    for frame in frames:
        message = stream.store(frame)
        if live:
            relay.inbox.take(*message)
    if not live:
        await relay.catch_up()
    await relay.read(1.5)
    # Its worker may still mend it.
    assert not relay.ended
    assert meter.given_up == 0
    stream.finished = True
    with pytest.raises(UnreadableReply):
        await relay.read(WAIT_S)
    assert meter.given_up == 1
    assert meter.bad == 1
    await relay.close()


async def test_a_reply_whose_worker_mends_it_is_read_to_its_end(
    stream: Stream, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.reply_relay._QUIET_S", 0.0)
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    for frame in (Attempt(1, "w"), say(0, "a"), None, end(2)):
        stream.store(frame)
    assert [frame.step.text for frame in await relay.catch_up()] == ["a"]
    assert await relay.read(1.5) == []
    # The last look at the log is after the worker has said that it is done.
    stream.finished = True
    for frame in (say(1, "b"), end(2)):
        stream.store(frame)
    assert await read_all(relay) == "b"


async def test_a_newer_attempt_makes_good_what_was_lost_before_it(
    stream: Stream, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.reply_relay._QUIET_S", 0.0)
    stream.finished = True
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    for frame in (Attempt(1, "w"), say(0, "a"), None, end(2), Attempt(2, "v")):
        stream.store(frame)
    await relay.catch_up()
    assert await relay.read(1.5) == []
    for frame in (say(1, "b", n=2), end(2, n=2)):
        stream.store(frame)
    assert await read_all(relay) == "b"


async def test_an_end_of_an_older_attempt_leaves_no_doubt(
    stream: Stream, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.reply_relay._QUIET_S", 0.0)
    stream.finished = True
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    for frame in (Attempt(1, "w"), say(0, "a"), Attempt(2, "v"), end(1, n=1)):
        stream.store(frame)
    await relay.catch_up()
    assert await relay.read(1.5) == []
    await relay.close()


async def test_frames_that_are_ready_together_come_together(relay: ReplyRelay) -> None:
    for message in whole_reply(9).messages:
        relay.inbox.take(*message)
    assert len(await relay.read(WAIT_S)) == 10


async def test_nothing_new_returns_after_the_wait(relay: ReplyRelay) -> None:
    assert await relay.read(0.05) == []


async def test_a_stopping_gateway_ends_the_read(relay: ReplyRelay) -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_stopped(relay))
        await asyncio.sleep(0)
        relay.stop(GatewayStopping())
    assert reading.result()


async def test_a_reply_that_nobody_began_is_given_up_after_its_deadline(
    stream: Stream, meter: Meter
) -> None:
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter, deadline_ms=1)
    with pytest.raises(DeadlinePassed):
        await relay.read(WAIT_S)
    await relay.close()


async def test_a_reply_that_nobody_is_left_to_end_is_given_up_once_it_would_have_ended(
    stream: Stream, meter: Meter
) -> None:
    begun_at = Cursor(2, FoldState(1, 1, 4))
    hopeless = {"deadline_ms": 1, "longest_run_ms": 1}
    relay = ReplyRelay(REPLY, begun_at, LiveInbox(), stream, meter, **hopeless)
    with pytest.raises(DeadlinePassed, match="left to end"):
        await relay.read(WAIT_S)
    await relay.close()
    # One that has begun is waited for beyond the deadline of its beginning.
    now_ms = round(time.time() * 1000)
    hopeful = {"deadline_ms": 1, "longest_run_ms": now_ms}
    relay = ReplyRelay(REPLY, begun_at, LiveInbox(), stream, meter, **hopeful)
    assert await relay.read(1.2) == []
    await relay.close()


async def test_what_lies_behind_the_end_is_not_read(meter: Meter) -> None:
    stream = whole_reply(3)
    for _ in range(2 * stream.batch):
        stream.store(say(3, "void"))
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    frames = await relay.catch_up()
    assert "".join(frame.step.text for frame in frames) == text(3)
    assert relay.ended
    assert not relay.catching_up


async def test_every_cursor_of_a_reply_goes_on_with_the_rest(meter: Meter) -> None:
    stream = whole_reply(6)
    first = ReplyRelay(REPLY, START, LiveInbox(), stream, meter)
    frames = await first.catch_up()
    for index, frame in enumerate(frames):
        later = ReplyRelay(REPLY, frame.cursor, LiveInbox(), stream, meter)
        assert await later.catch_up() == frames[index + 1 :]
        assert later.ended


@pytest.mark.parametrize("sequence", [11, 1_000])
async def test_a_cursor_that_names_no_frame_is_bad(meter: Meter, sequence: int) -> None:
    cursor = Cursor(sequence, FoldState(1, 1, 2))
    with pytest.raises(BadCursor):
        await ReplyRelay(REPLY, cursor, LiveInbox(), whole_reply(6), meter).catch_up()


@pytest.mark.parametrize("cursor", [START, Cursor(13, FoldState(1, 1, 2))])
async def test_a_log_without_its_beginning_has_expired(meter: Meter, cursor: Cursor) -> None:
    stream = whole_reply(6)
    del stream.stored[:3]
    with pytest.raises(LogExpired):
        await ReplyRelay(REPLY, cursor, LiveInbox(), stream, meter).catch_up()


async def _stopped(relay: ReplyRelay) -> bool:
    with pytest.raises(GatewayStopping):
        await relay.read(WAIT_S)
    return True


def _stored(message: LiveMessage) -> StoredFrame:
    (found,) = [f for f in whole_reply(40).stored if f.sequence == message.sequence]
    return found


def test_a_look_that_leaves_more_to_read_is_followed_by_another_at_once() -> None:
    now = 100.0
    schedule = LogSchedule(lambda: now)
    assert not schedule.is_due
    schedule.demand("overflow")
    schedule.read(schedule.begin(), found=True, more=True)
    assert schedule.is_due
    assert schedule.reason == "overflow"
    schedule.read(schedule.begin(), found=True, more=False)
    assert not schedule.is_due
    assert schedule.reason == "silence"


def test_looks_for_a_lost_last_frame_come_ever_less_often_until_something_new() -> None:
    now = 100.0
    schedule = LogSchedule(lambda: now)
    waits = []
    for found in (False, False, False, False, True):
        schedule.read(schedule.begin(), found=found, more=False)
        waits.append(schedule.due_at - now)
    assert waits == [2.0, 4.0, 5.0, 5.0, 1.0]


def test_a_reconnect_during_a_look_asks_for_another() -> None:
    schedule = LogSchedule(lambda: 100.0)
    begun = schedule.begin()
    schedule.demand("reconnect")
    schedule.read(begun, found=True, more=False)
    assert schedule.is_due
    assert schedule.reason == "reconnect"
