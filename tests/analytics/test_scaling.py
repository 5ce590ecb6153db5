"""Two processes of one consumer share its work, and one of them is killed in the middle of it."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from analytics.history_store import MongoHistoryStore
from analytics.store_client import Store
from analytics.usage_documents import totals_of, usage_document
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, USAGE_DATABASE, USAGE_TOTALS
from schemas.events import (
    ConversationChanged,
    Event,
    PromptSubmitted,
    ReplyFinished,
    encode_event,
)
from schemas.streams import CHAT, history_consumer, usage_consumer
from schemas.usage_totals import UsageTotals, merged_totals, totals_from_fields
from tests.analytics.consumer_process import (
    ConsumerProcess,
    consumers,
    eventually,
    publisher,
    reader,
)
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of
from tests.analytics.store_contract import everything_of, usage_of
from tests.support.servers import NatsServer, StoreServer, running

# What a killed process had in hand comes again after this, not after half a minute.
_ACK_WAIT_S = 2.0
_DEADLINE_S = 60.0


def busy_conversations(user_id: str) -> list[Event]:
    """Return events of four conversations: each changes with every one of a hundred and more."""
    chance = random.Random(7)
    events: list[Event] = []
    for _ in range(4):
        conversation_id, parent = ids.new_ulid(), ""
        for turn in range(40):
            prompt = prompt_of(
                user_id,
                conversation_id=conversation_id,
                parent_id=parent,
                submitted_at_ms=SUBMITTED_AT_MS + turn * 1_000,
            )
            status = chance.choice(("completed", "cancelled", "failed"))
            title = f"title {turn}" if turn % 3 == 0 else None
            changed = ConversationChanged(
                conversation_id=conversation_id,
                user_id=user_id,
                at_ms=SUBMITTED_AT_MS + turn,
                title=title,
                pinned=bool(turn % 2),
            )
            events += [prompt, changed, end_of(prompt, status=status)]
            parent = prompt.assistant_message_id
    # Those of different conversations come mixed.
    return [event for turn in range(120) for event in events[turn::120]]


def subject_of(event: Event) -> str:
    if isinstance(event, PromptSubmitted):
        return subjects.prompt(event.user_id, event.model, 0)
    if isinstance(event, ReplyFinished):
        return subjects.finished(event.user_id, event.model)
    assert isinstance(event, ConversationChanged)
    return subjects.conversation(event.user_id)


async def publish_all(broker: Client, events: list[Event]) -> None:
    for event in events:
        await broker.jetstream().publish(subject_of(event), encode_event(event), stream=CHAT)


async def declare_impatient(broker: Client, consumer: ConsumerConfig) -> None:
    await broker.jetstream().add_consumer(CHAT, replace(consumer, ack_wait=_ACK_WAIT_S))


async def settled(broker: Client, name: str) -> tuple[int, int]:
    info = await broker.jetstream().consumer_info(CHAT, name)
    return int(info.num_pending or 0), int(info.num_ack_pending or 0)


async def share_and_kill(
    folder: Path, name: str, urls: dict[str, str], broker: Client, events: list[Event]
) -> tuple[int, int]:
    """Let two processes apply the events, kill one when a third is done; return each one's share.

    Half of the events come twice, and out of order.
    """
    environment = {**urls, "RIVULET_LOG_LEVEL": "debug"}
    with (
        consumers(folder / "one", name, **environment) as one,
        consumers(folder / "two", name, **environment) as two,
    ):
        one.wait_until_started()
        two.wait_until_started()
        repeated = random.Random(3).sample(events, len(events) // 2)
        publishing = asyncio.create_task(publish_all(broker, [*events, *repeated]))

        async def a_third_is_done() -> bool:
            return stored(one) > 20 and stored(one) + stored(two) > len(events) // 3

        await eventually(a_third_is_done, wanted=True)
        one.signal_and_wait(signal.SIGKILL)
        await publishing
        await eventually(lambda: settled(broker, name), (0, 0), _DEADLINE_S)
        return stored(one), stored(two)


def stored(process: ConsumerProcess) -> int:
    return process.log.read_text().count('"event_stored"')


async def test_a_history_that_two_processes_wrote_is_the_one_of_a_single_undisturbed_process(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id, nats_url = ids.new_user_id(), fresh_nats_server.url
    urls = {"RIVULET_NATS_URL": nats_url, "RIVULET_MONGO_URL": fresh_store_server.url}
    async with publisher(nats_url) as broker, reader(fresh_store_server.url) as store:
        await declare_impatient(broker, history_consumer())
        events = busy_conversations(user_id)
        shares = await share_and_kill(tmp_path, "history", urls, broker, events)
        shared = await everything_of(store, user_id)

        await broker.jetstream().delete_consumer(CHAT, "history")
        with running(StoreServer(tmp_path / "alone")) as alone:
            urls["RIVULET_MONGO_URL"] = alone.url
            with consumers(tmp_path / "three", "history", **urls) as process:
                process.wait_until_started()
                await eventually(lambda: settled(broker, "history"), (0, 0), _DEADLINE_S)
            async with reader(alone.url) as other:
                assert shared == await everything_of(other, user_id)
    assert len(shared) == 4 + 2 * 160
    assert min(shares) > 20


async def test_usage_that_two_processes_counted_is_every_reply_once(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id, nats_url = ids.new_user_id(), fresh_nats_server.url
    urls = {"RIVULET_NATS_URL": nats_url, "RIVULET_MONGO_URL": fresh_store_server.url}
    ends = [end for end in busy_conversations(user_id) if isinstance(end, ReplyFinished)]
    documents = [usage_document(end) for end in ends]
    async with publisher(nats_url) as broker, reader(fresh_store_server.url) as store:
        await declare_impatient(broker, usage_consumer())
        shares = await share_and_kill(tmp_path, "usage", urls, broker, list(ends))
        assert await usage_of(store, user_id) == {one["_id"]: one for one in documents}

        # What the one that was killed has left to be rolled up, another one does.
        with consumers(tmp_path / "three", "usage", **urls):
            await eventually(everybody(store), totals_of(documents), _DEADLINE_S)
    assert min(shares) > 20


def everybody(store: Store) -> Callable[[], Awaitable[UsageTotals]]:
    async def found() -> UsageTotals:
        rows = await store[USAGE_DATABASE][USAGE_TOTALS].find({}).to_list()
        return merged_totals([totals_from_fields(row) for row in rows])

    return found


@pytest.mark.parametrize("earlier", [False, True], ids=["now", "of an earlier version"])
async def test_what_another_process_has_changed_meanwhile_is_not_lost(
    mongo_url: str, *, earlier: bool
) -> None:
    prompt = prompt_of()
    conversation_id, user_id = str(prompt.conversation_id), prompt.user_id

    def titled(old: Any) -> Any:
        return {**old, "title": "one", "revision": "r-one"}

    def pinned(old: Any) -> Any:
        return {**old, "pinned": True, "revision": old["revision"] + "-two"}

    async with reader(mongo_url) as store:
        one, two = MongoHistoryStore(store), MongoHistoryStore(store)
        if earlier:
            row = {"_id": conversation_id, "user_id": user_id, "title": "", "updated_at_ms": 5}
            await store[CHAT_DATABASE][CONVERSATIONS].insert_one(row)
            await one.prepare()
        else:
            await one.fold_conversation(conversation_id, user_id, lambda old: old)
        # The second has read the conversation, and the first changes it before the second does.
        seen = await two._known(conversation_id, user_id)
        assert seen is not None
        two._wrote(seen)
        await one.fold_conversation(conversation_id, user_id, titled)
        await two.fold_conversation(conversation_id, user_id, pinned)

        found = await store[CHAT_DATABASE][CONVERSATIONS].find_one({"_id": conversation_id})
    assert found is not None
    assert (found["title"], found["pinned"], found["revision"]) == ("one", True, "r-one-two")
