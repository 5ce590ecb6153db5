"""Erasing from a real broker's logs, also what was erased already."""

from nats.aio.client import Client

from analytics.log_eraser import BrokerLogEraser
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
        assert await eraser.delete_events(ends) == len(ends)
        # In the midst, and at either end of what is left: the broker has other words for each.
        assert await eraser.delete_events(ends) == 0
        assert await eraser.delete_events(range(1, last + 10)) == EVENTS - len(ends)
        assert await eraser.delete_events(range(1, last + 10)) == 0
        assert (await broker.jetstream().stream_info(CHAT)).state.messages == 0


async def test_a_user_is_overwritten_though_a_killed_process_had_begun(
    fresh_nats_server: NatsServer,
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        user_id, other = ids.new_user_id(), ids.new_user_id()
        events = [end_of(prompt_of(who)) for _ in range(EVENTS) for who in (user_id, other)]
        last = await publish_all(broker, *events)
        eraser = eraser_of(broker)
        await eraser.delete_events(range(last // 3, last // 2))
        await eraser.overwrite_facts(user_id)
        assert await eraser.overwrite_facts(user_id) == 0


def eraser_of(broker: Client) -> BrokerLogEraser:
    async def connect() -> Client:
        return broker

    return BrokerLogEraser(connect)
