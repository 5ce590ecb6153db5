"""An event that cannot be taken is set aside with its reason, and those after it go on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace

from analytics.quarantine_store import payload_of
from analytics.store_client import Store
from analytics.usage_documents import usage_document
from schemas import subjects
from schemas.documents import (
    QUARANTINE,
    QUARANTINE_DATABASE,
    USAGE,
    USAGE_DATABASE,
    USAGE_TOTALS,
    QuarantineDocument,
)
from schemas.events import EVENT_VERSION, Usage, UserErased, decode_event, encode_event
from schemas.streams import CHAT
from tests.analytics.archive.events import publish_all
from tests.analytics.consumer_process import (
    ConsumerProcess,
    consumers,
    eventually,
    publish,
    publisher,
    reader,
)
from tests.analytics.replay.commands import Commands
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import usage_of
from tests.support.servers import free_port


@pytest.fixture
def hasty(tmp_path: Path, urls: dict[str, str]) -> Iterator[ConsumerProcess]:
    environment = {**urls, "RIVULET_ANALYTICS_METRICS_PORT": str(free_port())}
    with consumers(
        tmp_path / "analytics", module="tests.analytics.hasty_consumers", **environment
    ) as process:
        yield process


@pytest.fixture
def commands(tmp_path: Path, urls: dict[str, str]) -> Commands:
    return Commands(tmp_path / "commands", **urls)


async def set_aside(store: Store) -> list[dict[str, Any]]:
    return await store[QUARANTINE_DATABASE][QUARANTINE].find({}).sort("_id", 1).to_list()


async def reasons(store: Store) -> dict[str, str]:
    return {row["_id"]: row["reason"] for row in await set_aside(store)}


async def test_what_does_not_parse_or_is_of_a_later_version_is_kept_with_its_reason(
    hasty: ConsumerProcess, urls: dict[str, str], commands: Commands
) -> None:
    end = end_of(prompt_of())
    later = msgspec.json.encode(
        {**msgspec.json.decode(encode_event(end)), "version": EVENT_VERSION + 1}
    )
    subject = subjects.finished(end.user_id, end.model)
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        jetstream = broker.jetstream()
        await jetstream.publish(subject, b"\xff\x00 garbage", stream=CHAT)
        await jetstream.publish(subject, later, stream=CHAT)
        await publish(broker, end)
        await eventually(
            lambda: reasons(store),
            {
                "history.1": "unreadable",
                "usage.1": "unreadable",
                "history.2": "unknown_version",
                "usage.2": "unknown_version",
            },
        )
        await eventually(lambda: usage_of(store, end.user_id), {end.reply_id: usage_document(end)})
        garbage = (await set_aside(store))[0]
        assert payload_of(cast("QuarantineDocument", garbage)) == b"\xff\x00 garbage"
        assert garbage["user_id"] == end.user_id

        listed = await asyncio.to_thread(commands.run, "quarantine", "list")
        assert listed.output.count("\n") == 4
        assert f"version {EVENT_VERSION + 1}, and this program knows 1 to" in listed.output
        again = await asyncio.to_thread(commands.run, "quarantine", "retry", "usage.1", "usage.2")
        assert again.status == 1
        assert again.output.count("stays") == 2
        dropped = await asyncio.to_thread(commands.run, "quarantine", "drop", "--all")
        assert dropped.status == 0
        assert await set_aside(store) == []


async def test_what_the_store_refuses_is_set_aside_and_taken_later(
    hasty: ConsumerProcess, urls: dict[str, str], commands: Commands
) -> None:
    ends = [end_of(prompt_of()) for _ in range(3)]
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        await asyncio.to_thread(hasty.wait_until_started)
        # With such an index the embedded store refuses every insert.
        await store[USAGE_DATABASE][USAGE].create_index([("user_id", 1), ("_id", 1)])
        await publish(broker, *ends)
        await eventually(
            lambda: reasons(store), {f"usage.{number}": "refused" for number in (1, 2, 3)}
        )

        async def floor() -> tuple[int, int]:
            info = await broker.jetstream().consumer_info(CHAT, "usage")
            return int(info.num_ack_pending or 0), int(info.num_pending or 0)

        await eventually(floor, (0, 0))
        await store.drop_database(USAGE_DATABASE)
        again = await asyncio.to_thread(commands.run, "quarantine", "retry", "--all")
        assert again.status == 0, again.output + again.errors
        assert await set_aside(store) == []
        for end in ends:
            assert await usage_of(store, end.user_id) == {end.reply_id: usage_document(end)}


async def test_of_a_temporary_reply_no_word_is_kept(
    hasty: ConsumerProcess, urls: dict[str, str]
) -> None:
    end = end_of(prompt_of(temporary=True), text="a secret of the moment")
    too_much = replace(end, usage=Usage(prompt_tokens=2**70, completion_tokens=1))
    kept = end_of(prompt_of(), text='it said "temporary":true')
    subject = subjects.finished(end.user_id, end.model)
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        payloads = [encode_event(event)[:-9] for event in (end, kept)]
        for payload in payloads:
            await broker.jetstream().publish(subject, payload, stream=CHAT)
        await publish(broker, too_much)
        await eventually(
            lambda: reasons(store),
            {
                "history.1": "unreadable",
                "usage.1": "unreadable",
                "history.2": "unreadable",
                "usage.2": "unreadable",
                "usage.3": "not_storable",
            },
        )
        entries = {row["_id"]: row for row in await set_aside(store)}
    found = {key: payload_of(cast("QuarantineDocument", row)) for key, row in entries.items()}
    assert b"secret" not in b"".join(found.values())
    assert found["usage.1"] == b""
    assert found["usage.2"] == payloads[1]
    assert decode_event(found["usage.3"]) == replace(too_much, text="")


async def test_an_erasure_takes_what_was_set_aside_of_its_user(
    hasty: ConsumerProcess, urls: dict[str, str]
) -> None:
    prompt, other = prompt_of(), prompt_of()
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        for user_id in (prompt.user_id, other.user_id):
            subject = subjects.finished(user_id, prompt.model)
            await broker.jetstream().publish(subject, b"{}", stream=CHAT)

        async def users() -> set[str]:
            return {row["user_id"] for row in await set_aside(store)}

        await eventually(users, {prompt.user_id, other.user_id})
        await publish_all(broker, UserErased(user_id=prompt.user_id, at_ms=1))
        await eventually(users, {other.user_id})


async def test_absurd_usage_is_set_aside_and_what_others_used_is_counted(
    hasty: ConsumerProcess, urls: dict[str, str], commands: Commands
) -> None:
    absurd = Usage(prompt_tokens=2**62, completion_tokens=2**62)
    count = 'rivulet_analytics_events_set_aside_total{consumer="usage",reason="not_storable"}'
    ends = [end_of(prompt_of(), usage=absurd) for _ in range(3)]
    other = end_of(prompt_of())
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        await asyncio.to_thread(hasty.wait_until_started)
        assert (await asyncio.to_thread(hasty.metrics))[count] == 0
        await publish(broker, *ends, other)
        await eventually(
            lambda: reasons(store), {f"usage.{number}": "not_storable" for number in (1, 2, 3)}
        )

        async def set_aside_counted() -> float:
            return (await asyncio.to_thread(hasty.metrics))[count]

        await eventually(set_aside_counted, 3)
        assert "`prompt_tokens`" in (await set_aside(store))[0]["detail"]

        async def counted() -> list[int]:
            rows = await store[USAGE_DATABASE][USAGE_TOTALS].find({}).to_list()
            return [row["prompt_tokens"] for row in rows]

        await eventually(counted, [other.usage.prompt_tokens])

    replayed = await asyncio.to_thread(commands.run, "replay", "--projection", "usage")
    assert replayed.status == 0, replayed.errors
    assert "3 events could not be read, the first is 1" in replayed.output
    compared = await asyncio.to_thread(commands.run, "compare", "--projection", "usage")
    assert compared.status == 0, compared.output
