"""Titles are asked for exactly once a conversation: processes of their own, killed and doubled."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from schemas import ids
from schemas.documents import (
    CHAT_DATABASE,
    CONVERSATIONS,
    MESSAGES,
    TITLES,
    USAGE,
    USAGE_DATABASE,
)
from schemas.streams import CHAT, TITLES_CONSUMER, declare_consumer, titles_consumer
from tests.analytics.consumer_process import (
    ConsumerProcess,
    consumers,
    eventually,
    publish,
    publisher,
    reader,
)
from tests.analytics.replies import MODEL
from tests.analytics.title_events import settled, titles_in_log, turn_now
from tests.gateway.stand_in_worker import StandInWorker
from tests.support.servers import NatsServer


@pytest.fixture
def environment(fresh_nats_server: NatsServer, mongo_url: str) -> dict[str, str]:
    return {"RIVULET_NATS_URL": fresh_nats_server.url, "RIVULET_MONGO_URL": mongo_url}


@pytest.fixture
def url(fresh_nats_server: NatsServer) -> str:
    return fresh_nats_server.url


@pytest.fixture
def process(tmp_path: Path, environment: dict[str, str]) -> Iterator[ConsumerProcess]:
    """All consumers, as the stack runs them."""
    with consumers(tmp_path / "analytics", **environment) as process:
        yield process


async def started(*processes: ConsumerProcess) -> None:
    for process in processes:

        async def seen(process: ConsumerProcess = process) -> bool:
            return bool(process.lines("consumers_started"))

        await eventually(seen, wanted=True)


async def test_a_conversation_gets_its_models_title(
    process: ConsumerProcess, url: str, mongo_url: str
) -> None:
    prompt, end = turn_now()
    async with (
        publisher(url) as broker,
        reader(mongo_url) as store,
        StandInWorker.serving(url, MODEL) as worker,
    ):
        await started(process)
        await publish(broker, prompt, end)
        # The stand-in's own queue holds the prompt that was answered above, too.
        assert (await worker.next_prompt()).reply_id == prompt.reply_id
        title = (await worker.answer("Frames", " in short")).prompt
        conversations = store[CHAT_DATABASE][CONVERSATIONS]

        async def entitled() -> tuple[str, str]:
            row = await conversations.find_one({"_id": prompt.conversation_id}) or {}
            return row.get("title", ""), row.get("title_by", "")

        await eventually(entitled, ("Frames in short", "model"))
        row = await conversations.find_one({"_id": prompt.conversation_id}) or {}
        assert row["leaf_id"] == prompt.assistant_message_id
        said = store[CHAT_DATABASE][MESSAGES].find({"conversation_id": prompt.conversation_id})
        assert {message["_id"] for message in await said.to_list()} == {
            prompt.user_message_id,
            prompt.assistant_message_id,
        }
        usage = store[USAGE_DATABASE][USAGE]

        async def kind() -> str:
            return (await usage.find_one({"_id": title.reply_id}) or {}).get("kind", "")

        await eventually(kind, "title")


async def test_a_process_killed_between_claim_and_prompt_asks_exactly_once(
    tmp_path: Path, environment: dict[str, str], url: str, mongo_url: str
) -> None:
    prompt, end = turn_now()
    async with publisher(url) as broker, reader(mongo_url) as store:
        # What was in hand comes again after a second instead of thirty.
        quick = titles_consumer()
        quick.ack_wait = 1.0
        await declare_consumer(broker, quick)
        dying = "tests.analytics.dying_titles"
        with consumers(tmp_path / "dying", "titles", module=dying, **environment) as process:
            await started(process)
            await publish(broker, prompt, end)
            titles = store[CHAT_DATABASE][TITLES]

            async def claimed() -> bool:
                return await titles.find_one({"_id": prompt.conversation_id}) is not None

            await eventually(claimed, wanted=True)
            process.signal_and_wait(signal.SIGKILL)
        assert await titles_in_log(broker, prompt.user_id) == []
        claim = await titles.find_one({"_id": prompt.conversation_id}) or {}
        with (
            consumers(tmp_path / "one", "titles", **environment) as one,
            consumers(tmp_path / "two", "titles", **environment) as two,
        ):
            await started(one, two)

            async def asked() -> list[str]:
                return [one.reply_id for one in await titles_in_log(broker, prompt.user_id)]

            await eventually(asked, [claim["title_reply_id"]])
            await publish(broker, end)
            await settled(broker)
            assert await asked() == [claim["title_reply_id"]]


async def test_two_processes_and_repeated_events_ask_once_a_conversation(
    tmp_path: Path, environment: dict[str, str], url: str
) -> None:
    user_id = ids.new_user_id()
    first = [turn_now(user_id) for _ in range(40)]
    later = [turn_now(user_id, conversation_id=prompt.conversation_id) for prompt, _ in first]
    with (
        consumers(tmp_path / "one", "titles", **environment) as one,
        consumers(tmp_path / "two", "titles", **environment) as two,
    ):
        await started(one, two)
        async with publisher(url) as broker:
            await publish(broker, *(prompt for prompt, _ in [*first, *later]))
            ends = [end for turns in zip(first, later, strict=True) for _, end in turns]
            await publish(broker, *ends, *ends[::3])
            await settled(broker)
            asked = [one.conversation_id for one in await titles_in_log(broker, user_id)]
    assert sorted(map(str, asked)) == sorted(str(prompt.conversation_id) for prompt, _ in first)


async def test_a_consumer_that_is_made_anew_never_asks_for_the_past(
    tmp_path: Path, environment: dict[str, str], url: str, mongo_url: str
) -> None:
    past, (prompt, end) = turn_now(), turn_now()
    async with publisher(url) as broker, reader(mongo_url) as store:
        await publish(broker, *past)
        with consumers(tmp_path / "titles", "titles", **environment) as process:
            await started(process)
            await broker.jetstream().delete_consumer(CHAT, TITLES_CONSUMER)

            async def missing() -> bool:
                return bool(process.lines("consumer_missing"))

            await eventually(missing, wanted=True)
            await eventually(lambda: exists(broker), wanted=True)
            await publish(broker, prompt, end)

            async def asked() -> int:
                return len(await titles_in_log(broker, prompt.user_id))

            await eventually(asked, 1)
            await settled(broker)
        assert await titles_in_log(broker, past[0].user_id) == []
        claim = await store[CHAT_DATABASE][TITLES].find_one({"_id": past[0].conversation_id})
        assert claim is None


async def test_titles_can_be_switched_off(
    tmp_path: Path, environment: dict[str, str], url: str
) -> None:
    with consumers(tmp_path / "off", RIVULET_TITLES="off", **environment) as process:
        await started(process)
        async with publisher(url) as broker:
            assert not await exists(broker)
    (line,) = process.lines("consumers_started")
    assert line["consumers"] == ["history", "usage"]


async def exists(broker: Client) -> bool:
    try:
        await broker.jetstream().consumer_info(CHAT, TITLES_CONSUMER)
    except NotFoundError:
        return False
    return True
