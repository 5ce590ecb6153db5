"""Erasing from a real broker's logs, also what was erased already."""

from collections.abc import Iterable
from typing import Any, cast

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeoutError

from analytics.errors import LogUnavailable
from analytics.log_eraser import BrokerLogEraser, Removed
from schemas import ids
from schemas.streams import CHAT
from tests.analytics.archive.events import publish_all
from tests.analytics.consumer_process import publisher
from tests.analytics.replies import end_of, prompt_of
from tests.support.servers import NatsServer

EVENTS = 30


async def test_what_is_gone_already_is_no_error_wherever_it_was(
    fresh_nats_server: NatsServer,
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(EVENTS)))
        eraser = eraser_of(broker)
        ends = [1, last // 2, last]
        assert await deleted(eraser, ends) == len(ends)
        # In the midst, and at either end of what is left: the broker has other words for each.
        assert await deleted(eraser, ends) == 0
        assert await deleted(eraser, range(1, last + 10)) == EVENTS - len(ends)
        assert await deleted(eraser, range(1, last + 10)) == 0
        assert (await broker.jetstream().stream_info(CHAT)).state.messages == 0


class Faltering:
    """A connection whose request for one event gets no answer."""

    def __init__(self, broker: Client, sequence: int) -> None:
        self._broker = broker
        self._unanswered = f'"seq":{sequence}}}'.encode()

    async def request(self, subject: str, payload: bytes, **options: Any) -> Msg:
        if payload.endswith(self._unanswered):
            raise NatsTimeoutError
        return await self._broker.request(subject, payload, **options)


async def test_what_was_deleted_beside_a_failure_is_counted(fresh_nats_server: NatsServer) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(EVENTS)))
        removed = Removed()
        with pytest.raises(LogUnavailable):
            await eraser_of(Faltering(broker, 5)).delete_events(range(1, last + 1), removed)
        left = (await broker.jetstream().stream_info(CHAT)).state.messages
        assert removed.log_events == EVENTS - left > 0


async def test_a_user_is_overwritten_though_a_killed_process_had_begun(
    fresh_nats_server: NatsServer,
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        user_id, other = ids.new_user_id(), ids.new_user_id()
        events = [end_of(prompt_of(who)) for _ in range(EVENTS) for who in (user_id, other)]
        last = await publish_all(broker, *events)
        eraser = eraser_of(broker)
        gone = await deleted(eraser, range(last // 3, last // 2))
        removed = Removed()
        await eraser.overwrite_facts(user_id, removed)
        assert EVENTS - gone <= removed.log_events < EVENTS
        again = Removed()
        await eraser.overwrite_facts(user_id, again)
        assert again == Removed()


async def deleted(eraser: BrokerLogEraser, sequences: Iterable[int]) -> int:
    """Delete events; return how many there were."""
    removed = Removed()
    await eraser.delete_events(sequences, removed)
    return removed.log_events


def eraser_of(broker: Client | Faltering) -> BrokerLogEraser:
    async def connect() -> Client:
        return cast("Client", broker)

    return BrokerLogEraser(connect)
