"""Streams and consumers on a real broker: declared by whoever comes first, changed by nobody."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import RePublish
from nats.js.errors import NotFoundError

from schemas import ids, subjects
from schemas.broker import connect
from schemas.frames import Attempt, Delta
from schemas.reply_log import Claim, ReplyLog
from schemas.streams import (
    CHAT,
    REPLIES,
    Drift,
    chat_stream,
    declare_consumer,
    declare_streams,
    history_consumer,
    projection_consumer,
    titles_consumer,
    usage_consumer,
    worker_consumer,
)
from tests.support.servers import NatsServer


@pytest.fixture
async def broker(fresh_nats_server: NatsServer) -> AsyncIterator[Client]:
    """A connection to a broker that holds nothing yet."""
    client = await connect(fresh_nats_server.url, "test")
    yield client
    await client.close()


def declare_command(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
    return subprocess.run(
        [sys.executable, "-m", "schemas", *arguments],
        env={**clean, "RIVULET_DATA_DIR": str(folder), "RIVULET_NATS_URL": url},
        capture_output=True,
        text=True,
        timeout=30,
    )


async def test_declaring_twice_changes_and_reports_nothing(broker: Client) -> None:
    assert await declare_streams(broker) == []
    before = [(await broker.jetstream().stream_info(name)).created for name in (CHAT, REPLIES)]
    assert await declare_streams(broker) == []
    after = [(await broker.jetstream().stream_info(name)).created for name in (CHAT, REPLIES)]
    assert after == before


async def test_the_token_log_is_kept_as_the_promises_need_it(broker: Client) -> None:
    await declare_streams(broker)
    config = (await broker.jetstream().stream_info(REPLIES)).config
    assert config.subjects == ["reply.*", "claim.*"]
    assert config.storage == "file"
    assert config.allow_direct
    assert config.allow_msg_ttl
    # ``async`` would reuse sequences after a kill, and cursors would point at other frames.
    assert config.persist_mode in (None, "", "default")


async def test_drift_is_reported_and_left_as_it_is(broker: Client) -> None:
    await declare_streams(broker, replies_max_age_s=1_800)
    assert await declare_streams(broker) == [Drift(REPLIES, "max_age", 3_600.0, 1_800.0)]
    config = (await broker.jetstream().stream_info(REPLIES)).config
    assert config.max_age == 1_800


async def test_drift_is_changed_when_asked(broker: Client) -> None:
    await declare_streams(broker, chat_max_age_s=7_200, replies_max_age_s=1_800)
    assert await declare_streams(broker, apply=True) == []
    assert await declare_streams(broker) == []
    assert (await broker.jetstream().stream_info(REPLIES)).config.max_age == 3_600


async def test_a_stream_that_somebody_made_by_hand_is_reported_option_by_option(
    broker: Client,
) -> None:
    await broker.jetstream().add_stream(name=REPLIES, subjects=["reply.*"], allow_direct=False)
    options = {drift.option for drift in await declare_streams(broker)}
    assert options >= {"subjects", "allow_msg_ttl", "republish", "max_age"}


async def test_several_services_may_declare_at_the_same_moment(
    fresh_nats_server: NatsServer,
) -> None:
    clients = [await connect(fresh_nats_server.url, f"service-{i}") for i in range(6)]
    wanted = worker_consumer("a/b")

    async def declare(client: Client) -> list[Drift]:
        return await declare_streams(client) + await declare_consumer(client, wanted)

    assert await asyncio.gather(*(declare(client) for client in clients)) == [[]] * 6
    for client in clients:
        await client.close()


async def test_of_services_with_different_options_one_declares_and_none_fails(
    fresh_nats_server: NatsServer,
) -> None:
    clients = [await connect(fresh_nats_server.url, f"service-{i}") for i in range(6)]
    ages = [600.0 + i for i in range(6)]
    await asyncio.gather(
        *(
            declare_streams(client, replies_max_age_s=age)
            for client, age in zip(clients, ages, strict=True)
        )
    )
    config = (await clients[0].jetstream().stream_info(REPLIES)).config
    assert config.max_age in ages
    for client in clients:
        await client.close()


async def test_a_consumer_is_made_once_and_its_drift_reported(broker: Client) -> None:
    await declare_streams(broker)
    consumers = (history_consumer(), usage_consumer(), titles_consumer(), worker_consumer("m"))
    for wanted in consumers:
        assert await declare_consumer(broker, wanted) == []
        assert await declare_consumer(broker, wanted) == []
    slower = worker_consumer("m", ack_wait_s=30)
    assert await declare_consumer(broker, slower) == [Drift("worker-m", "ack_wait", 30, 5.0)]
    assert await declare_consumer(broker, slower, apply=True) == []
    assert await declare_consumer(broker, slower) == []


async def test_titles_are_never_asked_for_the_past_and_the_workers_get_theirs(
    broker: Client,
) -> None:
    await declare_streams(broker)
    await declare_consumer(broker, worker_consumer("m"))
    jetstream, user = broker.jetstream(), ids.new_user_id()
    await jetstream.publish(subjects.finished(user, "m"), b"{}")
    await declare_consumer(broker, titles_consumer())
    for subject in (subjects.finished(user, "m"), subjects.title_prompt(user, "m")):
        await jetstream.publish(subject, b"{}")
    pending = [
        (await jetstream.consumer_info(CHAT, name)).num_pending for name in ("titles", "worker-m")
    ]
    assert pending == [1, 1]


async def test_without_the_stream_no_consumer_can_be_declared(broker: Client) -> None:
    with pytest.raises(NotFoundError):
        await declare_consumer(broker, worker_consumer("m"))


async def test_a_models_consumer_sees_its_prompts_only(broker: Client) -> None:
    await declare_streams(broker)
    for model in ("a/b", "a", "*"):
        await declare_consumer(broker, worker_consumer(model))
    user = ids.new_user_id()
    for model in ("a/b", "a/b", "a", "*", "other"):
        await broker.jetstream().publish(subjects.prompt(user, model, 0), b"{}")
    await broker.jetstream().publish(subjects.finished(user, "a/b"), b"{}")
    pending = {}
    for model in ("a/b", "a", "*"):
        info = await broker.jetstream().consumer_info(CHAT, subjects.worker_consumer(model))
        pending[model] = info.num_pending
    assert pending == {"a/b": 2, "a": 1, "*": 1}


async def test_frames_are_republished_in_order_with_the_sequence_before_them(
    nats_url: str,
) -> None:
    broker = await connect(nats_url, "test")
    await declare_streams(broker)
    log = await ReplyLog.open(broker)
    reply_id = ids.new_reply_id(b"s", "u")
    live: asyncio.Queue[Msg] = asyncio.Queue()
    await broker.subscribe(subjects.live(reply_id), cb=live.put)
    claims: asyncio.Queue[Msg] = asyncio.Queue()
    await broker.subscribe("live.*.*", cb=claims.put)

    fence = await log.write_register(reply_id, Claim(1, "w", 1), 0)
    stored = [await log.append_fenced(reply_id, Attempt(1, "w"), fence)]
    # What comes between them on other subjects is no gap.
    await log.append(ids.new_reply_id(b"s", "u"), Attempt(1, "w"))
    await log.write_register(reply_id, Claim(2, "w", 2), fence)
    stored += [await log.append(reply_id, Delta(1, i, [i], "x")) for i in range(5)]

    chain = []
    for _ in stored:
        message = await asyncio.wait_for(live.get(), 5)
        headers = message.headers or {}
        chain.append((int(headers["Nats-Last-Sequence"]), int(headers["Nats-Sequence"])))
    assert chain == list(zip([0, *stored], stored, strict=False))
    assert live.empty()
    assert claims.empty()
    await broker.close()


async def test_an_existing_log_of_facts_begins_to_wake_its_readers_and_is_else_left_alone(
    broker: Client,
) -> None:
    jetstream = broker.jetstream()
    # As an earlier version declared it, with options of an operator's.
    earlier = chat_stream(7_200)
    earlier.republish = None
    earlier.max_msgs_per_subject, earlier.description = 1_000_000, "ours"
    await jetstream.add_stream(earlier)
    user = ids.new_user_id()
    await jetstream.publish(subjects.conversation(user), b"{}")
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    await broker.subscribe(subjects.wake_ups_of_user(user), cb=heard.put)

    drifts = await asyncio.gather(*(declare_streams(broker) for _ in range(3)))

    reported = {drift.option for found in drifts for drift in found}
    assert reported == {"max_age", "max_msgs_per_subject"}
    info = await jetstream.stream_info(CHAT)
    assert info.config.republish == chat_stream().republish
    assert (info.config.max_msgs_per_subject, info.config.description) == (1_000_000, "ours")
    assert info.state.messages == 1
    ack = await jetstream.publish(subjects.conversation(user), b"private")
    message = await asyncio.wait_for(heard.get(), 5)
    assert (message.headers or {})["Nats-Sequence"] == str(ack.seq)
    assert message.data == b""


async def test_another_republish_of_the_log_of_facts_is_reported_and_left(broker: Client) -> None:
    other = chat_stream()
    other.republish = RePublish(src="chat.>", dest="elsewhere.>")
    await broker.jetstream().add_stream(other)
    (drift,) = await declare_streams(broker)
    assert (drift.name, drift.option) == (CHAT, "republish")
    config = (await broker.jetstream().stream_info(CHAT)).config
    assert config.republish == RePublish(src="chat.>", dest="elsewhere.>")


async def test_a_consumers_subjects_follow_its_version_and_its_other_options_stay(
    broker: Client,
) -> None:
    await declare_streams(broker)
    earlier = projection_consumer("history", [subjects.ALL_PROMPTS])
    earlier.ack_wait = 7.0
    await declare_consumer(broker, earlier)

    drifts = await declare_consumer(broker, history_consumer())

    found = (await broker.jetstream().consumer_info(CHAT, "history")).config
    assert found.filter_subjects == history_consumer().filter_subjects
    assert found.ack_wait == 7.0
    assert [drift.option for drift in drifts] == ["ack_wait"]


def test_the_command_reports_drift_and_applies_it_when_asked(
    fresh_nats_server: NatsServer, tmp_path: Path
) -> None:
    url = fresh_nats_server.url
    first = declare_command(url, tmp_path)
    assert (first.returncode, first.stdout) == (0, "")
    (tmp_path / "stack.env").write_text("RIVULET_REPLIES_MAX_AGE_S=1800\n")
    drifted = declare_command(url, tmp_path)
    assert drifted.returncode == 1
    assert "REPLIES.max_age: wanted 1800.0, found 3600.0" in drifted.stdout
    assert declare_command(url, tmp_path, "--apply").returncode == 0
    assert declare_command(url, tmp_path).returncode == 0


def test_the_command_names_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "stack.env").write_text("RIVULET_REPLIES_MAX_AGE_S=never\n")
    refused = declare_command("nats://127.0.0.1:1", tmp_path)
    assert refused.returncode == 1
    assert "RIVULET_REPLIES_MAX_AGE_S='never'" in refused.stderr
    assert "Traceback" not in refused.stderr
