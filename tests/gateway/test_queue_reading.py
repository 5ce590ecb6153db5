"""What a reader is told, and when, while its reply has not begun."""

import asyncio

import pytest

from gateway.live_inbox import LiveInbox
from gateway.queue_line import QueueLine
from gateway.queue_place import QueuePlace
from gateway.reply_reading import ReplyReading
from gateway.reply_relay import ReplyRelay
from gateway.sse import queue_comment
from schemas.cursor import START
from schemas.frames import Attempt
from tests.gateway.test_reply_relay import REPLY, Meter, Stream, end, say

WAIT_S = 10.0


class Place:
    """A place that a test decides, and how often it was looked at."""

    period_s = 0.05

    def __init__(self, *places: QueuePlace | None) -> None:
        self.places = list(places)
        self.looked = 0

    def look(self) -> QueuePlace | None:
        self.looked += 1
        return self.places.pop(0) if len(self.places) > 1 else self.places[0]


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
async def relay(stream: Stream) -> ReplyRelay:
    return ReplyRelay(REPLY, START, LiveInbox(), stream, Meter())


async def test_a_reply_that_begins_at_once_is_never_looked_for_in_the_queue(
    relay: ReplyRelay, stream: Stream
) -> None:
    place = Place(QueuePlace(1, None))
    reading = ReplyReading(relay, place)
    relay.inbox.take(*stream.store(Attempt(1, "w")))
    assert await reading.read(0.5) == []
    relay.inbox.take(*stream.store(say(0, "now")))
    (frame,) = await reading.read(WAIT_S)
    assert frame.step.text == "now"
    assert place.looked == 0


async def test_a_place_is_told_once_it_is_known_and_again_only_when_it_changes(
    relay: ReplyRelay, stream: Stream
) -> None:
    second, first = QueuePlace(2, 8), QueuePlace(1, 4)
    reading = ReplyReading(relay, Place(None, None, second, second, second, first))
    assert await reading.read(WAIT_S) == second
    assert await reading.read(WAIT_S) == first
    assert await reading.read(0.3) == []
    for frame in (Attempt(1, "w"), say(0, "begun"), end(1)):
        relay.inbox.take(*stream.store(frame))
    frames = await reading.read(WAIT_S)
    assert [frame.step.text for frame in frames] == ["begun", ""]
    assert reading.ended


async def test_a_place_that_is_no_longer_known_is_not_told(relay: ReplyRelay) -> None:
    reading = ReplyReading(relay, Place(QueuePlace(2, 8), None))
    assert await reading.read(WAIT_S) == QueuePlace(2, 8)
    assert await reading.read(0.3) == []


async def test_a_place_that_is_never_known_is_looked_for_ever_less_often(
    relay: ReplyRelay,
) -> None:
    place = Place(None)
    place.period_s = 10.0
    assert await ReplyReading(relay, place).read(1.6) == []
    # After 0.2, 0.3, 0.5, 0.9 and 1.7 s.
    assert place.looked <= 4


async def test_frames_are_not_delayed_by_the_next_look(relay: ReplyRelay, stream: Stream) -> None:
    place = Place(QueuePlace(1, None))
    place.period_s = WAIT_S
    reading = ReplyReading(relay, place)
    await reading.read(WAIT_S)
    async with asyncio.timeout(WAIT_S / 2), asyncio.TaskGroup() as tasks:
        frames = tasks.create_task(reading.read(WAIT_S))
        await asyncio.sleep(0)
        for frame in (Attempt(1, "w"), say(0, "at once")):
            relay.inbox.take(*stream.store(frame))
    assert frames.result()


def test_a_place_as_a_comment_says_how_long_where_it_is_known() -> None:
    assert queue_comment(QueuePlace(3, 12)) == b": queue 3 12s\n\n"
    assert queue_comment(QueuePlace(3, None)) == b": queue 3\n\n"


def test_a_line_gives_places_in_the_order_of_the_log() -> None:
    line = QueueLine()
    assert line.position(7) is None
    line.restart(4)
    assert line.position(7) is None
    line.advance(4, [5, 7, 10], complete=False)
    assert [line.position(sequence) for sequence in (5, 7, 10)] == [1, 2, 3]
    assert line.position(11) is None
    # Handed out, and perhaps given back.
    assert line.position(3) == line.position(4) == 1
    line.advance(5, [12], complete=False)
    assert [line.position(sequence) for sequence in (5, 7, 10, 12)] == [1, 1, 2, 3]
    line.advance(12, [], complete=True)
    assert line.position(12) == 1
    assert line.position(13) is None


def test_a_line_that_is_complete_knows_when_prompts_have_vanished() -> None:
    line = QueueLine()
    line.restart(0)
    line.advance(0, [1, 2, 3], complete=False)
    assert line.agrees(2)
    line.advance(1, [], complete=True)
    assert line.agrees(2)
    assert not line.agrees(1)
