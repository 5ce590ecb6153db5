"""No event is lost when store, broker or consumer goes away, and all recover by themselves."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.usage_documents import usage_document
from schemas import ids
from schemas.streams import CHAT, declare_consumer, history_consumer, usage_consumer
from tests.analytics.consumer_process import (
    STOP_WITHIN_S,
    ConsumerProcess,
    consumers,
    eventually,
    publish,
    publisher,
    reader,
)
from tests.analytics.expected import answer_of, question_of
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import messages_of, usage_of
from tests.support.servers import NatsServer, StoreServer


@pytest.fixture
def process(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> Iterator[ConsumerProcess]:
    with consumers(
        tmp_path / "analytics",
        RIVULET_NATS_URL=fresh_nats_server.url,
        RIVULET_MONGO_URL=fresh_store_server.url,
    ) as process:
        yield process


async def logged(process: ConsumerProcess, event: str) -> None:
    async def seen() -> bool:
        return bool(process.lines(event))

    await eventually(seen, wanted=True)


async def test_events_published_while_the_store_was_killed_appear_when_it_returns(
    process: ConsumerProcess, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id = ids.new_user_id()
    prompts = [prompt_of(user_id) for _ in range(200)]
    ends = [end_of(prompt) for prompt in prompts]
    async with publisher(fresh_nats_server.url) as broker:
        await publish(broker, prompts[0])
        await logged(process, "consumers_started")

        fresh_store_server.kill()
        await publish(broker, *prompts[1:], *ends)
        await logged(process, "store_unavailable")
        await asyncio.to_thread(fresh_store_server.restart)

        async with reader(fresh_store_server.url) as store:
            await eventually(
                lambda: usage_of(store, user_id),
                {end.reply_id: usage_document(end) for end in ends},
            )
            questions = {p.user_message_id: question_of(p) for p in prompts}
            answers = {end.assistant_message_id: answer_of(end) for end in ends}
            await eventually(lambda: messages_of(store, user_id), {**questions, **answers})
    await logged(process, "store_available")


async def test_consumers_go_on_after_the_broker_was_killed(
    process: ConsumerProcess, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id = ids.new_user_id()
    before, after = end_of(prompt_of(user_id)), end_of(prompt_of(user_id))
    async with (
        publisher(fresh_nats_server.url) as broker,
        reader(fresh_store_server.url) as store,
    ):
        await publish(broker, before)
        await eventually(
            lambda: usage_of(store, user_id), {before.reply_id: usage_document(before)}
        )

        fresh_nats_server.kill()
        await asyncio.to_thread(fresh_nats_server.restart)
        await broker.flush()
        await publish(broker, after)

        await eventually(
            lambda: usage_of(store, user_id),
            {end.reply_id: usage_document(end) for end in (before, after)},
        )


async def test_consumers_that_start_before_broker_and_store_wait_for_them(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    fresh_nats_server.kill()
    fresh_store_server.kill()
    end = end_of(prompt_of())
    with consumers(
        tmp_path / "analytics",
        RIVULET_NATS_URL=fresh_nats_server.url,
        RIVULET_MONGO_URL=fresh_store_server.url,
    ) as process:
        await logged(process, "consumers_starting")
        await asyncio.to_thread(fresh_nats_server.start)
        await logged(process, "store_unavailable")
        await asyncio.to_thread(fresh_store_server.start)
        async with (
            publisher(fresh_nats_server.url) as broker,
            reader(fresh_store_server.url) as store,
        ):
            await publish(broker, end)
            await eventually(
                lambda: usage_of(store, end.user_id), {end.reply_id: usage_document(end)}
            )


async def test_a_stop_while_the_store_is_away_is_quick_and_loses_nothing(
    tmp_path: Path,
    process: ConsumerProcess,
    fresh_nats_server: NatsServer,
    fresh_store_server: StoreServer,
) -> None:
    end = end_of(prompt_of())
    await logged(process, "consumers_started")
    fresh_store_server.kill()
    async with publisher(fresh_nats_server.url) as broker:
        await publish(broker, end)
        await logged(process, "store_unavailable")

        status, took_s = process.signal_and_wait(signal.SIGTERM)

        assert status == 0
        assert took_s < STOP_WITHIN_S
        await asyncio.to_thread(fresh_store_server.start)
        with consumers(
            tmp_path / "next",
            RIVULET_NATS_URL=fresh_nats_server.url,
            RIVULET_MONGO_URL=fresh_store_server.url,
        ):
            async with reader(fresh_store_server.url) as store:
                await eventually(
                    lambda: usage_of(store, end.user_id), {end.reply_id: usage_document(end)}
                )


async def test_a_killed_consumer_leaves_its_events_to_the_next_one(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id = ids.new_user_id()
    ends = [end_of(prompt_of(user_id)) for _ in range(1_000)]
    environment = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": fresh_store_server.url,
    }
    # A short ack wait, after which what was in hand comes again; options that are there stay.
    short = usage_consumer()
    short.ack_wait = 1.0
    async with (
        publisher(fresh_nats_server.url) as broker,
        reader(fresh_store_server.url) as store,
    ):
        await declare_consumer(broker, short)
        await publish(broker, *ends)
        with consumers(tmp_path / "first", "usage", **environment) as process:

            async def some_are_stored() -> bool:
                return len(await usage_of(store, user_id)) > 100

            await eventually(some_are_stored, wanted=True)
            process.end()
        assert len(await usage_of(store, user_id)) < len(ends)
        with consumers(tmp_path / "next", "usage", **environment):
            await eventually(
                lambda: usage_of(store, user_id),
                {end.reply_id: usage_document(end) for end in ends},
            )


async def test_a_deleted_consumer_is_made_again_and_the_log_replayed_to_the_same_documents(
    process: ConsumerProcess, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)
    expected = {
        prompt.user_message_id: question_of(prompt),
        prompt.assistant_message_id: answer_of(end),
    }
    async with (
        publisher(fresh_nats_server.url) as broker,
        reader(fresh_store_server.url) as store,
    ):
        await publish(broker, prompt, end)
        await eventually(lambda: messages_of(store, prompt.user_id), expected)
        await store.drop_database("rivulet_chat")

        await broker.jetstream().delete_consumer(CHAT, str(history_consumer().durable_name))

        await eventually(lambda: messages_of(store, prompt.user_id), expected)
    refused = process.lines("pull_refused")
    assert len(refused) < 20, "the pull must not spin while its consumer is away"
