"""A subscription waits for its relay without taking anything out, and never in a busy loop."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from gateway.errors import GatewayStopping
from gateway.live_inbox import LiveInbox
from gateway.reply_reading import ReplyReading
from gateway.reply_relay import ReplyRelay
from schemas.cursor import START
from tests.gateway.test_reply_relay import REPLY, WAIT_S, Meter, Stream, _stored, text, whole_reply


@pytest.fixture
async def relay() -> AsyncIterator[ReplyRelay]:
    relay = ReplyRelay(REPLY, START, LiveInbox(), Stream(), Meter())
    yield relay
    await relay.close()


async def read_by_turns(reading: ReplyReading) -> tuple[str, int]:
    """Read as a socket does; return the text, and how often it was woken for it."""
    pieces: list[str] = []
    looks = 0
    async with asyncio.timeout(WAIT_S):
        while not reading.ended:
            await reading.wait(WAIT_S)
            looks += 1
            assert looks < 1_000, "a busy loop"
            frames = await reading.read(0)
            assert isinstance(frames, list)
            pieces += [frame.step.text for frame in frames]
    return "".join(pieces), looks


async def test_waiting_takes_nothing(relay: ReplyRelay) -> None:
    for message in whole_reply(3).messages:
        relay.inbox.take(*message)
    reading = ReplyReading(relay, None)
    await reading.wait(WAIT_S)
    await reading.wait(WAIT_S)
    assert len(relay.inbox.messages) == 5
    assert await read_by_turns(reading) == (text(3), 1)


async def test_waiting_ends_in_time_and_when_the_process_stops(relay: ReplyRelay) -> None:
    reading = ReplyReading(relay, None)
    await reading.wait(0.01)
    async with asyncio.timeout(WAIT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(reading.wait(WAIT_S * 2))
        await asyncio.sleep(0)
        relay.stop(GatewayStopping())


@pytest.mark.parametrize("seed", range(15))
async def test_what_goes_missing_is_read_from_the_log(seed: int) -> None:
    chance = random.Random(seed)
    stream = Stream()
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, Meter())

    async def deliver() -> None:
        for message in whole_reply(40).messages:
            stream.stored.append(_stored(message))
            for _ in range(chance.choice((0, 1, 1, 1, 2))):
                relay.inbox.take(*message)
            if chance.random() < 0.5:
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        found, _ = await read_by_turns(ReplyReading(relay, None))
        assert found == text(40)
    await relay.close()


async def test_a_gap_while_the_log_does_not_answer_is_no_busy_loop() -> None:
    stream = whole_reply(3)
    stream.available = False
    relay = ReplyRelay(REPLY, START, LiveInbox(), stream, Meter())
    for message in stream.messages[1:]:
        relay.inbox.take(*message)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read_by_turns(ReplyReading(relay, None)))
        while stream.asked < 3:  # noqa: ASYNC110 - the stand-in has no event for it
            await asyncio.sleep(0.01)
        stream.available = True
        found, looks = await reading
    assert found == text(3)
    assert looks < 12
    await relay.close()
