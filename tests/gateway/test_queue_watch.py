"""The queues as one process keeps them, on a real broker: exact for many readers, and cheap."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from gateway import queue_watch
from gateway.broker_link import BrokerLink
from gateway.model_directory import ModelDirectory
from gateway.prompt_publisher import PromptPublisher
from gateway.queue_depth import QueueDepths
from gateway.queue_locations import QueueLocations
from gateway.queue_place import QueuePlace
from gateway.queue_places import PlaceInQueue, QueuePlaces
from gateway.queue_watch import Queues
from schemas import subjects
from schemas.broker import connect
from schemas.events import ChatMessage, PromptSubmitted, Sampling, encode_event
from schemas.ids import new_reply_id, new_ulid, new_user_id
from schemas.streams import (
    CHAT,
    CHAT_MAX_AGE_S,
    REPLIES_MAX_AGE_S,
    declare_consumer,
    declare_streams,
    worker_consumer,
)
from tests.gateway.eventually import eventually
from tests.support.servers import NatsServer

USER = new_user_id()


class Process(NamedTuple):
    """What a gateway process has to know places, and a publisher of prompts."""

    link: BrokerLink
    places: QueuePlaces
    publisher: PromptPublisher


@contextlib.asynccontextmanager
async def process(url: str) -> AsyncIterator[Process]:
    link = BrokerLink(url, chat_max_age_s=CHAT_MAX_AGE_S, replies_max_age_s=REPLIES_MAX_AGE_S)
    locations = QueueLocations(link)
    places = QueuePlaces(Queues(link, QueueDepths(link), ModelDirectory(link)), locations)
    tasks = [asyncio.create_task(link.run()), asyncio.create_task(places.run())]
    try:
        await eventually(lambda: _is_up(link), bool)
        yield Process(link, places, PromptPublisher(link))
    finally:
        for task in reversed(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _is_up(link: BrokerLink) -> bool:
    return link.is_up


@pytest.fixture
async def broker(nats_url: str, model: str) -> AsyncIterator[Client]:
    client = await connect(nats_url, "test")
    await declare_streams(client)
    await declare_consumer(client, worker_consumer(model))
    yield client
    await client.close()


def prompt(model: str, user_id: str = USER) -> PromptSubmitted:
    return PromptSubmitted(
        reply_id=new_reply_id(b"secret", user_id),
        user_id=user_id,
        user_message_id=new_ulid(),
        assistant_message_id=new_ulid(),
        model=model,
        messages=(ChatMessage("user", "Hello"),),
        sampling=Sampling(),
        submitted_at_ms=1,
        deadline_ms=2,
        client="api",
    )


async def take(broker: Client, model: str, count: int) -> None:
    """Take prompts from the queue as a worker does."""
    pull = await broker.jetstream().pull_subscribe_bind(subjects.worker_consumer(model), CHAT)

    async def fetch() -> list[Msg]:
        # A request dies with the broker.
        with contextlib.suppress(NatsError):
            return await pull.fetch(count, timeout=1)
        return []

    for message in await eventually(fetch, bool):
        await message.ack()


async def publish(broker: Client, model: str, count: int) -> list[PromptSubmitted]:
    """Publish prompts as somebody who sets no header does."""
    prompts = [prompt(model) for _ in range(count)]
    for one in prompts:
        await broker.jetstream().publish(subjects.prompt(USER, model, 0), encode_event(one))
    return prompts


async def told(place: PlaceInQueue, wanted: QueuePlace | None) -> QueuePlace | None:
    """Return the place once it is what is wanted."""

    async def look() -> QueuePlace | None:
        return place.look()

    return await eventually(look, lambda found: found == wanted)


async def test_two_thousand_readers_have_exact_places_for_a_few_requests(
    broker: Client, nats_url: str, model: str
) -> None:
    prompts = [prompt(model) for _ in range(2_000)]
    for one in prompts:
        headers = {"Rivulet-Reply-Id": one.reply_id}
        await broker.publish(subjects.prompt(USER, model, 1), encode_event(one), headers=headers)
    await eventually(lambda: _stored(broker, model), lambda count: count == len(prompts))
    async with process(nats_url) as gateway:
        readers = [gateway.places.place(USER, one.reply_id) for one in prompts]
        sent = gateway.link.session().client.stats["out_msgs"]
        for reader in readers:
            reader.look()
        await told(readers[-1], QueuePlace(2_000, None))
        assert [reader.look() for reader in readers] == [
            QueuePlace(index + 1, None) for index in range(2_000)
        ]
        await take(broker, model, 100)
        await told(readers[-1], QueuePlace(1_900, None))
        assert [reader.look() for reader in readers] == [QueuePlace(1, None)] * 100 + [
            QueuePlace(index + 1, None) for index in range(1_900)
        ]
        assert gateway.link.session().client.stats["out_msgs"] - sent < 60
        # They look less often, the more they are.
        assert readers[0].period_s == 10.0
        del readers[100:]
        assert readers[0].period_s < 2.0


async def test_prompts_of_publishers_that_set_no_header_are_found(
    broker: Client, nats_url: str, model: str
) -> None:
    prompts = await publish(broker, model, 3)
    async with process(nats_url) as gateway:
        await told(gateway.places.place(USER, prompts[2].reply_id), QueuePlace(3, None))


async def test_a_prompt_that_is_not_in_the_log_has_no_place_and_is_not_sought_for_ever(
    broker: Client, nats_url: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.queue_places._BETWEEN_SEARCHES_S", 0.0)
    (published,) = await publish(broker, model, 1)
    async with process(nats_url) as gateway:
        nowhere = gateway.places.place(USER, new_reply_id(b"secret", USER))
        assert nowhere.look() is None
        # Whoever is sought later is found after it.
        await told(gateway.places.place(USER, published.reply_id), QueuePlace(1, None))
        for _ in range(5):
            assert nowhere.look() is None
        assert nowhere.searches == 3


async def test_prompts_that_are_purged_leave_the_line(
    broker: Client, nats_url: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_watch, "_BETWEEN_RESTARTS_S", 0.0)
    other = new_user_id()
    for _ in range(2):
        one = prompt(model, other)
        await broker.jetstream().publish(subjects.prompt(other, model, 0), encode_event(one))
    (last,) = await publish(broker, model, 1)
    async with process(nats_url) as gateway:
        place = gateway.places.place(USER, last.reply_id)
        await told(place, QueuePlace(3, None))
        await broker.jetstream().purge_stream(CHAT, subject=subjects.facts_of_user(other))
        await told(place, QueuePlace(1, None))


async def test_places_are_right_again_after_the_broker_has_been_killed(
    fresh_nats_server: NatsServer, model: str
) -> None:
    async with process(fresh_nats_server.url) as gateway:
        broker = await connect(fresh_nats_server.url, "test")
        await declare_consumer(broker, worker_consumer(model))
        prompts = [prompt(model) for _ in range(3)]
        for one in prompts:
            await gateway.publisher.publish(one, None)
        last = gateway.places.place(USER, prompts[-1].reply_id)
        await told(last, QueuePlace(3, None))
        fresh_nats_server.kill()
        assert last.look() == QueuePlace(3, None)
        fresh_nats_server.start()
        await take(broker, model, 1)
        await told(last, QueuePlace(2, None))
        await broker.close()


async def _stored(broker: Client, model: str) -> int:
    info = await broker.jetstream().consumer_info(CHAT, subjects.worker_consumer(model))
    return int(info.num_pending or 0)
