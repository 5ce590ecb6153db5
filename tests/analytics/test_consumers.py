"""The consumers as processes, from the real broker to the real store."""

import asyncio
import signal
import statistics
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from analytics.usage_documents import usage_document
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.streams import CHAT
from tests.analytics.consumer_process import (
    STOP_WITHIN_S,
    ConsumerProcess,
    consumers,
    eventually,
    publish,
    publisher,
    reader,
)
from tests.analytics.expected import answer_of, conversation_of, question_of
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import conversations_of, messages_of, usage_of
from tests.support.servers import NatsServer, StoreServer, free_port, running


@pytest.fixture(scope="module")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker whose CHAT stream holds this module's events only."""
    with running(NatsServer(tmp_path_factory.mktemp("nats"))) as server:
        yield server.url


async def starts(process: ConsumerProcess) -> int:
    return len(process.lines("consumers_started"))


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def together(
    tmp_path_factory: pytest.TempPathFactory,
    broker_url: str,
    store_server: StoreServer,
    metrics_port: int,
) -> Iterator[ConsumerProcess]:
    """All consumers in one process, as the stack runs them."""
    with consumers(
        tmp_path_factory.mktemp("analytics"),
        RIVULET_NATS_URL=broker_url,
        RIVULET_MONGO_URL=store_server.url,
        RIVULET_ANALYTICS_METRICS_PORT=str(metrics_port),
        RIVULET_LOG_LEVEL="debug",
    ) as process:
        yield process


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return str(answer.read().decode())


async def test_events_on_the_log_become_history_and_usage(
    together: ConsumerProcess, broker_url: str, mongo_url: str
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)
    async with publisher(broker_url) as broker, reader(mongo_url) as store:
        await publish(broker, prompt, end)

        await eventually(
            lambda: messages_of(store, prompt.user_id),
            {
                prompt.user_message_id: question_of(prompt),
                prompt.assistant_message_id: answer_of(end),
            },
        )
        await eventually(
            lambda: conversations_of(store, prompt.user_id),
            {prompt.conversation_id: conversation_of(prompt)},
        )
        await eventually(
            lambda: usage_of(store, prompt.user_id), {prompt.reply_id: usage_document(end)}
        )


async def test_temporary_replies_and_titles_are_usage_but_not_history(
    together: ConsumerProcess, broker_url: str, mongo_url: str
) -> None:
    user_id = ids.new_user_id()
    hidden = [prompt_of(user_id, temporary=True), prompt_of(user_id, kind="title")]
    kept = prompt_of(user_id)
    ends = [end_of(prompt) for prompt in (*hidden, kept)]
    async with publisher(broker_url) as broker, reader(mongo_url) as store:
        await publish(broker, *hidden, *ends, kept)

        await eventually(
            lambda: usage_of(store, user_id), {end.reply_id: usage_document(end) for end in ends}
        )
        await eventually(
            lambda: messages_of(store, user_id),
            {
                kept.user_message_id: question_of(kept),
                kept.assistant_message_id: answer_of(ends[-1]),
            },
        )


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not json",
        b'{"event":"Unknown"}',
        b'{"event":"ReplyFinished"}',
        b"\xff",
        b"[" * 90_000,
    ],
    ids=["empty", "text", "unknown", "incomplete", "not-utf-8", "deep"],
)
async def test_garbage_is_logged_with_its_sequence_and_dropped_and_the_next_event_arrives(
    together: ConsumerProcess, broker_url: str, mongo_url: str, payload: bytes
) -> None:
    prompt, names = prompt_of(), ("history", "usage", "titles")
    async with publisher(broker_url) as broker, reader(mongo_url) as store:
        jetstream = broker.jetstream()
        subject = subjects.finished(prompt.user_id, prompt.model)
        garbage = await jetstream.publish(subject, payload)
        await publish(broker, end_of(prompt))
        await eventually(
            lambda: usage_of(store, prompt.user_id),
            {prompt.reply_id: usage_document(end_of(prompt))},
        )

        async def droppers() -> set[str]:
            dropped = [*together.lines("event_dropped"), *together.lines("event_set_aside")]
            return {x["consumer"] for x in dropped if x["stream_sequence"] == garbage.seq}

        async def unsettled() -> list[int | None]:
            infos = [await jetstream.consumer_info(CHAT, name) for name in names]
            return [info.num_ack_pending for info in infos]

        await eventually(droppers, set(names))
        await eventually(unsettled, [0, 0, 0])


async def test_the_metrics_count_by_consumer_and_name_no_user(
    together: ConsumerProcess, broker_url: str, mongo_url: str, metrics_port: int
) -> None:
    prompt = prompt_of()
    async with publisher(broker_url) as broker, reader(mongo_url) as store:
        await publish(broker, end_of(prompt))
        await broker.jetstream().publish(subjects.finished(prompt.user_id, "m"), b"garbage")

        async def scraped() -> bool:
            text = await asyncio.to_thread(metrics, metrics_port)
            assert prompt.user_id not in text
            wanted = (
                'rivulet_analytics_received_messages_total{app_name="analytics",broker="nats",handler="usage"}',
                'rivulet_analytics_events_set_aside_total{consumer="usage",reason="unreadable"}',
            )
            return all(name in text for name in wanted)

        await eventually(scraped, wanted=True)
        await eventually(
            lambda: usage_of(store, prompt.user_id),
            {prompt.reply_id: usage_document(end_of(prompt))},
        )


async def test_every_line_of_a_reply_names_it_and_none_holds_its_text(
    together: ConsumerProcess, broker_url: str, mongo_url: str
) -> None:
    prompt = prompt_of()
    async with publisher(broker_url) as broker:
        await publish(broker, prompt, end_of(prompt))

        async def stored() -> list[str]:
            mine = [
                x for x in together.lines("event_stored") if x.get("reply_id") == prompt.reply_id
            ]
            return sorted(line["consumer"] for line in mine)

        await eventually(stored, ["history", "history", "titles", "usage"])
    assert all("reply_id" in line for line in together.lines("event_stored"))
    text = together.log.read_text()
    assert "What is a frame?" not in text
    assert end_of(prompt).text not in text


async def test_an_event_is_readable_within_tens_of_milliseconds(
    together: ConsumerProcess, broker_url: str, mongo_url: str
) -> None:
    async with publisher(broker_url) as broker, reader(mongo_url) as store:
        messages = store[CHAT_DATABASE][MESSAGES]
        lags: list[float] = []
        for _ in range(20):
            prompt = prompt_of()
            started = time.monotonic()
            await publish(broker, prompt)

            async def is_there(message_id: str = prompt.user_message_id) -> bool:
                return await messages.find_one({"_id": message_id}) is not None

            await eventually(is_there, wanted=True)
            lags.append(time.monotonic() - started)
    # Typically 6 ms; the bound leaves room for a busy machine and still tells a pull that polls.
    assert statistics.median(lags) < 0.1


async def test_two_processes_share_the_work_and_nothing_is_doubled(
    tmp_path: Path, fresh_nats_server: NatsServer, mongo_url: str
) -> None:
    user_id = ids.new_user_id()
    ends = [end_of(prompt_of(user_id)) for _ in range(300)]
    environment = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": mongo_url,
        "RIVULET_LOG_LEVEL": "debug",
    }
    with (
        consumers(tmp_path / "a", "usage", **environment) as one,
        consumers(tmp_path / "b", "usage", **environment) as two,
    ):
        async with publisher(fresh_nats_server.url) as broker, reader(mongo_url) as store:
            for process in (one, two):
                await eventually(partial(starts, process), 1)
            await publish(broker, *ends, *ends[:50])
            await eventually(
                lambda: usage_of(store, user_id),
                {end.reply_id: usage_document(end) for end in ends},
            )

            async def handled() -> int:
                return sum(len(process.lines("event_stored")) for process in (one, two))

            await eventually(handled, len(ends) + 50)
    assert min(len(process.lines("event_stored")) for process in (one, two)) > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_consumers_stop_cleanly_on_a_signal(
    tmp_path: Path, broker_url: str, mongo_url: str, number: signal.Signals
) -> None:
    environment = {"RIVULET_NATS_URL": broker_url, "RIVULET_MONGO_URL": mongo_url}
    with consumers(tmp_path, "usage", **environment) as process:
        await eventually(partial(starts, process), 1)
        status, took_s = process.signal_and_wait(number)

    assert status == 0
    assert took_s < STOP_WITHIN_S
    assert [line["event"] for line in process.lines()][-1] == "consumers_stopped"


async def test_a_stop_under_load_leaves_no_event_in_hand(
    tmp_path: Path, fresh_nats_server: NatsServer, mongo_url: str
) -> None:
    user_id = ids.new_user_id()
    ends = [end_of(prompt_of(user_id)) for _ in range(600)]
    environment = {"RIVULET_NATS_URL": fresh_nats_server.url, "RIVULET_MONGO_URL": mongo_url}
    async with publisher(fresh_nats_server.url) as broker, reader(mongo_url) as store:
        await publish(broker, *ends)
        with consumers(tmp_path / "first", "usage", **environment) as process:

            async def some_are_stored() -> bool:
                return len(await usage_of(store, user_id)) > 100

            await eventually(some_are_stored, wanted=True)
            status, _ = process.signal_and_wait(signal.SIGTERM)
        assert status == 0
        assert len(await usage_of(store, user_id)) < len(ends)
        # Well within the ack wait of 30 s, after which events in hand would come again anyway.
        with consumers(tmp_path / "second", "usage", **environment) as process:
            await eventually(partial(starts, process), 1)
            await eventually(
                lambda: usage_of(store, user_id),
                {end.reply_id: usage_document(end) for end in ends},
                deadline_s=15,
            )


async def test_options_that_differ_on_the_broker_are_reported_and_left_alone(
    tmp_path: Path, fresh_nats_server: NatsServer, mongo_url: str
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        environment = {
            "RIVULET_NATS_URL": fresh_nats_server.url,
            "RIVULET_MONGO_URL": mongo_url,
            "RIVULET_CHAT_MAX_AGE_S": "86400",
        }
        with consumers(tmp_path, "usage", **environment) as process:

            async def drifts() -> list[tuple[str, str]]:
                return [(x["stream"], x["option"]) for x in process.lines("stream_drift")]

            await eventually(drifts, [("CHAT", "max_age")])
        info = await broker.jetstream().stream_info(CHAT)
        assert info.config.max_age != 86_400


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"RIVULET_MONGO_URL": "mongodb://127.0.0.1"}, "RIVULET_NATS_URL"),
        ({"RIVULET_TYPO": "1"}, "RIVULET_TYPO"),
    ],
)
def test_a_wrong_setting_refuses_to_start_and_is_named(
    tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    with consumers(tmp_path, **environment) as process:
        assert process.wait() == 1
    assert named in process.log.read_text()
    assert "Traceback" not in process.log.read_text()


def test_consumers_whose_metrics_port_is_taken_say_so_and_start(
    tmp_path: Path, store_server: StoreServer, broker_url: str
) -> None:
    with consumers(
        tmp_path,
        "usage",
        RIVULET_NATS_URL=broker_url,
        RIVULET_MONGO_URL=store_server.url,
        RIVULET_ANALYTICS_METRICS_PORT=str(store_server.port),
    ) as process:
        process.wait_until_started()
        (warning,) = process.lines("metrics_not_served")
    assert f"RIVULET_ANALYTICS_METRICS_PORT={store_server.port}" in warning["error"]
