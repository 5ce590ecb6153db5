"""The token log on a real broker: batched reads, the claim register, fences, absence."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from schemas import ids, subjects
from schemas.broker import connect
from schemas.direct_get import LogUnavailable
from schemas.frames import Attempt, Delta, End, Frame, encode_frame
from schemas.reply_log import (
    Claim,
    FenceLost,
    Overtaken,
    RegisterState,
    ReplyLog,
    StoredFrame,
)
from schemas.streams import declare_streams
from tests.support.servers import NatsServer


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[Client]:
    client = await connect(nats_url, "test")
    await declare_streams(client)
    yield client
    await client.close()


@pytest.fixture
async def log(broker: Client) -> ReplyLog:
    return await ReplyLog.open(broker)


@pytest.fixture
async def rival(nats_url: str) -> AsyncIterator[ReplyLog]:
    """The same log over a connection of its own."""
    client = await connect(nats_url, "rival")
    yield await ReplyLog.open(client)
    await client.close()


@pytest.fixture
def reply_id() -> str:
    return ids.new_reply_id(b"secret", "user")


def frames_of(stored: list[StoredFrame]) -> list[object]:
    return [item.frame for item in stored]


async def test_a_reply_that_nobody_began_has_no_frames_and_no_claim(
    log: ReplyLog, reply_id: str
) -> None:
    assert await log.read(reply_id) == []
    assert await log.read_register(reply_id) == RegisterState(None, 0)
    assert await log.count_frames(reply_id) == 0


async def test_frames_come_back_in_stream_order_with_sequence_and_time(
    log: ReplyLog, reply_id: str
) -> None:
    frames: list[Frame] = [
        Attempt(1, "w"),
        Delta(1, 0, [5], "水"),
        End(n=1, tokens=1, status="completed"),
    ]
    sequences = [await log.append(reply_id, frame) for frame in frames]
    stored = await log.read(reply_id)
    assert frames_of(stored) == frames
    assert [item.sequence for item in stored] == sequences
    assert all(abs(item.stored_at_ms - time.time() * 1000) < 60_000 for item in stored)


@pytest.mark.parametrize("count", [511, 512, 513, 1_300])
async def test_a_read_of_any_length_is_whole_and_sees_what_was_acknowledged(
    broker: Client, log: ReplyLog, reply_id: str, count: int
) -> None:
    deltas = [Delta(1, index, [index], "x") for index in range(count - 1)]
    for delta in deltas:
        await broker.publish(subjects.reply(reply_id), encode_frame(delta))
    last = Delta(1, count - 1, [count - 1], "x")
    sequence = await log.append(reply_id, last)
    stored = await log.read(reply_id)
    assert frames_of(stored) == [*deltas, last]
    assert await log.count_frames(reply_id) == count
    assert await log.read(reply_id, after=stored[-3].sequence) == stored[-2:]
    assert await log.read(reply_id, after=sequence) == []


async def test_a_read_of_more_bytes_than_a_batch_holds_is_whole(
    log: ReplyLog, reply_id: str
) -> None:
    large = [Delta(1, index, [index], "x" * 1_500_000) for index in range(5)]
    for delta in large:
        await log.append(reply_id, delta)
    assert frames_of(await log.read(reply_id)) == large


async def test_readings_at_the_same_time_over_one_connection_do_not_mix(log: ReplyLog) -> None:
    reply_ids = [ids.new_reply_id(b"secret", "user") for _ in range(20)]
    for n, reply_id in enumerate(reply_ids, 1):
        for _ in range(n):
            await log.append(reply_id, Attempt(n, "w"))
    readings = await asyncio.gather(*(log.read(reply_id) for reply_id in reply_ids))
    for n, stored in enumerate(readings, 1):
        assert frames_of(stored) == [Attempt(n, "w")] * n


async def test_a_frame_that_does_not_parse_keeps_its_place_and_hides_no_other(
    broker: Client, log: ReplyLog, reply_id: str
) -> None:
    await log.append(reply_id, Attempt(1, "w"))
    bad = await broker.jetstream().publish(subjects.reply(reply_id), b'{"kind":"delta","n":"x"}')
    await log.append(reply_id, Delta(1, 0, [5], "a"))
    stored = await log.read(reply_id)
    assert frames_of(stored) == [Attempt(1, "w"), None, Delta(1, 0, [5], "a")]
    assert stored[1].sequence == bad.seq


async def test_the_register_holds_the_latest_claim_and_its_sequence(
    log: ReplyLog, reply_id: str
) -> None:
    first = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    assert await log.read_register(reply_id) == RegisterState(Claim(1, "w-a", 1), first)
    second = await log.write_register(reply_id, Claim(1, cancel=True), first)
    assert second > first
    assert await log.read_register(reply_id) == RegisterState(Claim(1, cancel=True), second)


async def test_a_register_that_moved_on_cannot_be_written(log: ReplyLog, reply_id: str) -> None:
    first = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    second = await log.write_register(reply_id, Claim(2, "w-b", 2), first)
    for stale in (0, first, second + 1):
        with pytest.raises(FenceLost):
            await log.write_register(reply_id, Claim(3, "w-c", 3), stale)
    assert (await log.read_register(reply_id)).claim == Claim(2, "w-b", 2)


async def test_of_two_who_claim_at_once_exactly_one_wins(log: ReplyLog, rival: ReplyLog) -> None:
    for _ in range(100):
        reply_id = ids.new_reply_id(b"secret", "user")
        outcomes = await asyncio.gather(
            log.write_register(reply_id, Claim(1, "w-a", 1), 0),
            rival.write_register(reply_id, Claim(1, "w-b", 1), 0),
            return_exceptions=True,
        )
        sequences = [outcome for outcome in outcomes if isinstance(outcome, int)]
        losses = [outcome for outcome in outcomes if isinstance(outcome, FenceLost)]
        assert (len(sequences), len(losses)) == (1, 1)
        state = await log.read_register(reply_id)
        assert state.claim is not None
        assert state.sequence == sequences[0]
        assert outcomes[0 if state.claim.worker == "w-a" else 1] == state.sequence


@pytest.mark.parametrize("newer", [Claim(2, "w-b", 2), Claim(1, cancel=True)])
async def test_a_fenced_frame_is_refused_after_a_newer_claim_or_a_cancel(
    log: ReplyLog, rival: ReplyLog, reply_id: str, newer: Claim
) -> None:
    fence = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    await log.append_fenced(reply_id, Attempt(1, "w-a"), fence)
    newer_fence = await rival.write_register(reply_id, newer, fence)
    with pytest.raises(FenceLost):
        await log.append_fenced(reply_id, End(n=1, tokens=0, status="completed"), fence)
    assert frames_of(await log.read(reply_id)) == [Attempt(1, "w-a")]
    end = End(n=None, tokens=None, status="cancelled")
    await rival.append_fenced(reply_id, end, newer_fence)
    assert frames_of(await log.read(reply_id)) == [Attempt(1, "w-a"), end]


async def test_other_replies_and_deltas_in_flight_do_not_disturb_a_fence(
    broker: Client, log: ReplyLog, reply_id: str
) -> None:
    fence = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    for index in range(200):
        await broker.publish(subjects.reply(reply_id), encode_frame(Delta(1, index, [1], "x")))
    await log.write_register(ids.new_reply_id(b"secret", "user"), Claim(1, "w-b", 1), 0)
    await log.append_fenced(reply_id, End(n=1, tokens=200, status="completed"), fence)
    assert await log.count_frames(reply_id) == 201


async def test_a_frame_with_a_message_id_is_stored_once(log: ReplyLog, reply_id: str) -> None:
    fence = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    end = End(n=1, tokens=0, status="completed")
    first = await log.append_fenced(reply_id, end, fence, f"{reply_id}.1.1")
    assert await log.append_fenced(reply_id, end, fence, f"{reply_id}.1.1") == first
    assert await log.append_fenced(reply_id, end, fence, f"{reply_id}.1.2") > first
    assert await log.count_frames(reply_id) == 2


async def test_a_frame_that_must_be_next_is_refused_behind_another_one(
    log: ReplyLog, rival: ReplyLog, reply_id: str
) -> None:
    first = await log.append_next(reply_id, Attempt(1, "w"), 0)
    await log.append(ids.new_reply_id(b"secret", "user"), Attempt(1, "w"))
    second = await log.append_next(reply_id, Delta(1, 0, [5], "a"), first)
    third = await rival.append(reply_id, Delta(1, 1, [6], "b"))
    for stale in (0, first, second):
        with pytest.raises(Overtaken):
            await log.append_next(reply_id, Delta(1, 2, [7], "c"), stale)
    await log.append_next(reply_id, Delta(1, 2, [7], "c"), third)
    assert await log.count_frames(reply_id) == 4


async def test_it_is_known_without_a_read_whether_an_attempt_has_stored_an_end(
    log: ReplyLog, rival: ReplyLog, reply_id: str
) -> None:
    fence = await log.write_register(reply_id, Claim(2, "w", 2), 0)
    await log.append_fenced(reply_id, Attempt(2, "w"), fence)
    assert not await rival.has_end(reply_id, 2)
    await log.append_end(reply_id, End(n=2, tokens=0, status="completed"), fence, tries=1)
    assert await rival.has_end(reply_id, 2)
    assert not await rival.has_end(reply_id, 1)
    # Asking for it stores nothing.
    assert await log.count_frames(reply_id) == 2


async def test_the_count_is_of_this_reply_and_of_frames_only(log: ReplyLog, reply_id: str) -> None:
    await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    for _ in range(3):
        await log.append(reply_id, Attempt(1, "w-a"))
        await log.append(ids.new_reply_id(b"secret", "user"), Attempt(1, "w-a"))
    assert await log.count_frames(reply_id) == 3


async def test_while_the_broker_is_away_everything_says_so_and_works_after_it(
    fresh_nats_server: NatsServer, reply_id: str
) -> None:
    client = await connect(fresh_nats_server.url, "test")
    await declare_streams(client)
    log = await ReplyLog.open(client)
    fence = await log.write_register(reply_id, Claim(1, "w-a", 1), 0)
    fresh_nats_server.kill()
    outcomes = await asyncio.gather(
        log.read(reply_id),
        log.read_register(reply_id),
        log.write_register(reply_id, Claim(2, "w-b", 2), fence),
        log.append(reply_id, Attempt(1, "w-a")),
        log.append_fenced(reply_id, Attempt(1, "w-a"), fence),
        log.append_next(reply_id, Attempt(1, "w-a"), 0),
        log.has_end(reply_id, 1),
        log.count_frames(reply_id),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * len(outcomes)
    assert all(error.retryable for error in outcomes if isinstance(error, LogUnavailable))

    await asyncio.to_thread(fresh_nats_server.start)
    async with asyncio.timeout(10):
        while True:
            try:
                await log.append(reply_id, Delta(1, 0, [5], "after"))
                break
            except LogUnavailable:
                continue
    assert Delta(1, 0, [5], "after") in frames_of(await log.read(reply_id))
    await client.close()


async def test_without_the_stream_a_read_does_not_hang(fresh_nats_server: NatsServer) -> None:
    client = await connect(fresh_nats_server.url, "test")
    log = await ReplyLog.open(client)
    reply_id = ids.new_reply_id(b"secret", "user")
    for call in (log.read, log.read_register, log.count_frames):
        with pytest.raises(LogUnavailable):
            await call(reply_id)
    await client.close()
