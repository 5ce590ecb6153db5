"""Batched reads when the broker is slow, and many ask at once."""

import asyncio
import itertools

from nats.aio.msg import Msg

from schemas.broker import connect, disconnect
from schemas.direct_get import Batch, DirectGet, LogUnavailable
from schemas.streams import REPLIES, declare_streams
from tests.support.servers import NatsServer

READS, ONE_TAKES_S = 60, 0.05
NO_MESSAGES = {"Status": "404"}


async def test_a_read_is_not_given_up_because_others_stand_before_it(nats_url: str) -> None:
    """The broker's own searches take so long behind many frames: here somebody else answers.

    Answered one after another, the last of these would be silent for longer than a read waits.
    """
    reader, answerer = await connect(nats_url, "reader"), await connect(nats_url, "answerer")
    asked = itertools.count(1)

    async def answer(request: Msg) -> None:
        next(asked)
        await asyncio.sleep(ONE_TAKES_S)
        await answerer.publish(request.reply, headers=NO_MESSAGES)

    try:
        await answerer.subscribe("$JS.API.DIRECT.GET.SLOW", cb=answer)
        await answerer.flush()
        log = await DirectGet.open(reader)
        batches = await asyncio.gather(*(log.read("SLOW", {"seq": 1}) for _ in range(READS)))
        assert batches == [Batch([], 0)] * READS
        # Nobody has asked twice.
        assert next(asked) == READS + 1
    finally:
        await disconnect(reader)
        await disconnect(answerer)


async def test_a_read_without_a_broker_fails_and_lets_the_connection_come_back(
    fresh_nats_server: NatsServer,
) -> None:
    client = await connect(fresh_nats_server.url, "reader")
    try:
        await declare_streams(client)
        log = await DirectGet.open(client)
        request = {"seq": 1, "next_by_subj": "reply.nobodys", "batch": 1}
        fresh_nats_server.kill()
        failed = 0
        async with asyncio.timeout(20):
            fresh_nats_server.start()
            while True:
                # Whoever asks again without a pause must not keep the loop to themselves.
                try:
                    assert await log.read(REPLIES, request) == Batch([], 0)
                except LogUnavailable:
                    failed += 1
                else:
                    break
        assert failed > 0
    finally:
        await disconnect(client)
