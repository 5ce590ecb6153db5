"""Cancelling a reply through real gateway processes: one result, whoever asks and whenever."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from gateway.store_client import open_store
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.ending import cancelled_end, folded
from schemas.frames import Delta, End
from schemas.reply_log import Claim, FenceLost
from tests.gateway.event_reading import events_of, read_reply, text_of
from tests.gateway.eventually import eventually
from tests.gateway.facts import agreed_event, finished_event, finished_events
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker, Writer
from tests.support.pausing import pause
from tests.support.servers import NatsServer, free_port, running

PIECES = ("Water", " always", " 👨‍👩‍👧")
HELLO = [{"role": "user", "content": "Hello"}]


async def ask(http: httpx.AsyncClient, model: str) -> str:
    accepted = await http.post("/api/prompts", json={"model": model, "content": "Hello"})
    assert accepted.status_code == 202, accepted.text
    return str(accepted.json()["reply_id"])


async def running_reply(http: httpx.AsyncClient, worker: StandInWorker) -> Writer:
    """Return a reply that has said its pieces and goes on."""
    await ask(http, worker.model)
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say(*PIECES)
    return writer


async def cancel(http: httpx.AsyncClient, reply_id: str) -> dict[str, object]:
    answer = await http.post(f"/api/replies/{reply_id}/cancel")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-reply-id"] == reply_id
    body: dict[str, object] = answer.json()
    assert body.keys() == {"reply_id", "status", "slot_free"}
    assert body["reply_id"] == reply_id
    return body


@pytest.fixture
async def second(
    gateway: GatewayProcess, api_key: str, nats_url: str, mongo_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another gateway process of the same instance."""
    other = GatewayProcess(tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir))
    with running_gateway(other):
        other.wait_for_parts(broker=True, store=True)
        async with client_of(other, api_key) as http:
            yield http


def client_of(gateway: GatewayProcess, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=20)


async def test_a_running_reply_ends_with_the_text_that_its_reader_saw(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        events = events_of(response)
        seen = [await anext(events) for _ in PIECES]
        assert await cancel(http, reply_id) == {
            "reply_id": reply_id,
            "status": "cancelled",
            "slot_free": True,
        }
        seen += [event async for event in events]
    assert text_of(seen) == "".join(PIECES)
    done = seen[-1].data
    assert (done["done"], done["status"], done["finish_reason"]) == (True, "cancelled", None)
    assert done["usage"]["completion_tokens"] == len(PIECES)
    event = await agreed_event(worker.broker, worker.log, writer.prompt)
    assert (event.status, event.text, event.attempts) == ("cancelled", "".join(PIECES), 1)
    assert event.usage.completion_tokens == len(PIECES)
    assert reply_id not in worker.running


async def test_what_the_worker_still_says_after_a_cancel_is_void(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    await cancel(http, reply_id)
    await writer.say(" more")
    assert text_of(await read_reply(http, reply_id)) == "".join(PIECES)
    await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_repeat_returns_the_same_and_stores_nothing_twice(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    first = await cancel(http, reply_id)
    frames = await worker.log.count_frames(reply_id)
    assert first["slot_free"] is True
    assert await cancel(http, reply_id) == first
    assert await cancel(second, reply_id) == first
    assert await worker.log.count_frames(reply_id) == frames
    await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_queued_reply_ends_though_no_worker_takes_it(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    assert await cancel(http, reply_id) == {
        "reply_id": reply_id,
        "status": "cancelled",
        "slot_free": True,
    }
    events = await read_reply(http, reply_id)
    assert text_of(events) == ""
    assert events[-1].data["status"] == "cancelled"
    prompt = await worker.next_prompt()
    event = await agreed_event(worker.broker, worker.log, prompt)
    assert (event.status, event.text, event.attempts, event.worker) == ("cancelled", "", 0, None)
    register = await worker.log.read_register(reply_id)
    assert register.claim is not None
    assert register.claim.cancel


async def test_a_paused_worker_cannot_keep_its_reply_and_its_slot_is_not_called_free(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    worker.paused = True
    assert await cancel(http, reply_id) == {
        "reply_id": reply_id,
        "status": "cancelled",
        "slot_free": False,
    }
    await agreed_event(worker.broker, worker.log, writer.prompt)
    # It wakes up: now a repeat can tell.
    worker.paused = False
    assert (await cancel(http, reply_id))["slot_free"] is True
    assert (await cancel(http, reply_id))["slot_free"] is True


async def test_another_workers_answer_does_not_free_the_holders_slot(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    register = await worker.log.read_register(writer.prompt.reply_id)
    # A redelivery to another worker, which claims while the first one is paused.
    await worker.log.write_register(
        writer.prompt.reply_id, Claim(2, "somebody-else", 2), register.sequence
    )
    assert (await cancel(http, writer.prompt.reply_id))["slot_free"] is False


async def test_a_reply_that_has_ended_is_left_as_it_is(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    writer = await worker.answer(*PIECES)
    assert await cancel(http, reply_id) == {
        "reply_id": reply_id,
        "status": "completed",
        "slot_free": True,
    }
    register = await worker.log.read_register(reply_id)
    assert register.claim is not None
    assert not register.claim.cancel
    assert (await finished_event(worker.broker, writer.prompt)).status == "completed"


async def test_a_delta_that_comes_after_the_end_of_its_attempt_does_not_hide_it(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    await writer.end()
    # Sent again by a repair, and it waited on a connection that its worker had given up.
    await writer.write(Delta(1, len(PIECES) - 1, [len(PIECES)], PIECES[-1]))
    assert (await cancel(http, reply_id))["status"] == "completed"
    ends = [item.frame for item in await worker.log.read(reply_id) if isinstance(item.frame, End)]
    assert ends == [writer.result()]


async def test_a_void_end_does_not_keep_its_reply_from_being_cancelled(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    void = replace(writer.result(), tokens=len(PIECES) + 1)
    await worker.log.append_end(reply_id, void, writer.fence, tries=1)
    await writer.say(" more")
    assert (await cancel(http, reply_id))["status"] == "cancelled"
    await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_failed_reply_stays_failed(http: httpx.AsyncClient, worker: StandInWorker) -> None:
    reply_id = await ask(http, worker.model)
    await worker.fail("engine_error", "It broke.")
    assert (await cancel(http, reply_id))["status"] == "failed"


async def test_a_cancel_and_an_end_in_the_same_moment_have_one_result(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    results = set()
    for delay in range(12):
        writer = await running_reply(http, worker)
        reply_id = writer.prompt.reply_id
        async with asyncio.TaskGroup() as tasks:
            cancelling = tasks.create_task(cancel(http, reply_id))
            tasks.create_task(_end_soon(writer, delay * 0.0005))
        result = cancelling.result()
        reply = folded(await worker.log.read(reply_id))
        assert reply.end is not None
        assert result["status"] == reply.end.status
        look = partial(finished_events, worker.broker, writer.prompt)
        events = await eventually(look, bool)
        assert events[0].status == reply.end.status
        assert (await read_reply(http, reply_id))[-1].data["status"] == reply.end.status
        results.add(reply.end.status)
    assert results <= {"completed", "cancelled"}


async def _end_soon(writer: Writer, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    with suppress(FenceLost):
        await writer.end()


async def test_many_cancellers_at_once_write_one_end(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker
) -> None:
    for _ in range(5):
        writer = await running_reply(http, worker)
        reply_id = writer.prompt.reply_id
        async with asyncio.TaskGroup() as tasks:
            cancels = [tasks.create_task(cancel(one, reply_id)) for one in (http, second) * 3]
        assert {task.result()["status"] for task in cancels} == {"cancelled"}
        assert {task.result()["slot_free"] for task in cancels} == {True}
        stored = await worker.log.read(reply_id)
        assert sum(isinstance(item.frame, End) for item in stored) == 1
        await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_cancel_whose_canceller_died_before_the_end_is_finished_by_a_repeat(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    writer = await running_reply(http, worker)
    reply_id = writer.prompt.reply_id
    await worker.log.write_register(reply_id, Claim(1, cancel=True), writer.fence)
    # Nobody told the worker.
    assert reply_id in worker.running
    assert (await cancel(http, reply_id)) == {
        "reply_id": reply_id,
        "status": "cancelled",
        "slot_free": True,
    }
    assert reply_id not in worker.running
    await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_cancel_whose_canceller_died_before_the_event_is_finished_by_a_repeat(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    fence = await worker.log.write_register(reply_id, Claim(0, cancel=True), 0)
    await worker.log.append_fenced(reply_id, cancelled_end([]), fence)
    prompt = await worker.next_prompt()
    assert await finished_events(worker.broker, prompt) == []
    assert (await cancel(http, reply_id))["slot_free"] is True
    await agreed_event(worker.broker, worker.log, prompt)


@pytest.mark.parametrize("reply_id", ["nonsense", "*", "a" * 36, "%2A"])
async def test_what_is_no_reply_id_is_not_found(http: httpx.AsyncClient, reply_id: str) -> None:
    answer = await http.post(f"/api/replies/{reply_id}/cancel")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_another_users_and_an_unknown_reply_are_not_found_alike(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    await ask(http, worker.model)
    owner = (await worker.next_prompt()).user_id
    secret = (gateway.data_dir / "secret").read_text().strip().encode()
    foreign = ids.new_reply_id(secret, ids.new_user_id())
    # Made for this user, as for a prompt that was refused in the end.
    never_published = ids.new_reply_id(secret, owner)
    for reply_id in (foreign, never_published):
        answer = await http.post(f"/api/replies/{reply_id}/cancel")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
        assert (await worker.log.read_register(reply_id)).sequence == 0
        assert await worker.log.read(reply_id) == []


async def test_a_cancel_needs_a_key(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        answer = await stranger.post(f"/api/replies/{'A' * 36}/cancel")
    assert answer.status_code == 401


async def test_a_reply_whose_log_has_expired_is_answered_from_the_store(
    gateway: GatewayProcess,
    api_key: str,
    worker: StandInWorker,
    mongo_url: str,
    nats_url: str,
    tmp_path: Path,
) -> None:
    # It takes the log of a reply older than this for expired, though the stream keeps it.
    forgetful = GatewayProcess(
        tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir), REPLIES_MAX_AGE_S="0.5"
    )
    with running_gateway(forgetful):
        forgetful.wait_for_parts(broker=True, store=True)
        async with client_of(forgetful, api_key) as http, open_store(mongo_url) as store:
            reply_ids = [await ask(http, worker.model) for _ in range(3)]
            prompts = [await worker.next_prompt() for _ in reply_ids]
            rows = store[CHAT_DATABASE][MESSAGES]
            for prompt, status in zip(prompts, ("completed", "pending"), strict=False):
                await rows.insert_one(
                    {
                        "_id": prompt.assistant_message_id,
                        "user_id": prompt.user_id,
                        "reply_id": prompt.reply_id,
                        "role": "assistant",
                        "conversation_id": "",
                        "model": prompt.model,
                        "parent_id": prompt.user_message_id,
                        "content": "ok",
                        "status": status,
                        "created_at_ms": prompt.submitted_at_ms,
                    }
                )
            await asyncio.sleep(0.5)  # The age itself is what counts.
            assert await cancel(http, reply_ids[0]) == {
                "reply_id": reply_ids[0],
                "status": "completed",
                "slot_free": True,
            }
            for reply_id in reply_ids[1:]:
                answer = await http.post(f"/api/replies/{reply_id}/cancel")
                assert answer.status_code == 404
                assert (await worker.log.read_register(reply_id)).sequence == 0


async def test_without_the_broker_a_cancel_is_refused_and_a_repeat_does_it(
    tmp_path: Path, mongo_url: str, model: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(tmp_path / "gateway", broker.url, mongo_url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            async with (
                client_of(gateway, gateway.dev_key()) as http,
                StandInWorker.serving(broker.url, model) as worker,
            ):
                writer = await running_reply(http, worker)
                reply_id = writer.prompt.reply_id
                broker.kill()
                gateway.wait_for_parts(broker=False)
                refused = await http.post(f"/api/replies/{reply_id}/cancel")
                assert refused.status_code == 503
                assert int(refused.headers["retry-after"]) >= 1
                broker.start()
                gateway.wait_for_parts(broker=True)
                await worker.connected()
                assert (await cancel(http, reply_id))["status"] == "cancelled"
                await agreed_event(worker.broker, worker.log, writer.prompt)


async def test_a_cancel_is_finished_though_its_client_has_left(
    tmp_path: Path, mongo_url: str, model: str
) -> None:
    with running(NatsServer(tmp_path / "nats")) as broker:
        process = GatewayProcess(tmp_path / "gateway", broker.url, mongo_url)
        with running_gateway(process) as gateway:
            gateway.wait_for_parts(broker=True, store=True)
            async with (
                client_of(gateway, gateway.dev_key()) as http,
                StandInWorker.serving(broker.url, model) as worker,
            ):
                writer = await running_reply(http, worker)
                assert broker.process is not None
                pause(broker.process.pid)
                call = asyncio.create_task(
                    http.post(f"/api/replies/{writer.prompt.reply_id}/cancel")
                )
                await asyncio.sleep(0.5)  # It is on its way, and waits for the broker.
                call.cancel()
                await asyncio.wait([call])
                await asyncio.sleep(0.2)
                broker.process.send_signal(signal.SIGCONT)
                event = await agreed_event(worker.broker, worker.log, writer.prompt)
                assert event.status == "cancelled"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_completion_that_another_client_cancels_ends_like_any_other(
    http: httpx.AsyncClient, second: httpx.AsyncClient, worker: StandInWorker, *, stream: bool
) -> None:
    body = {"model": worker.model, "messages": HELLO, "stream": stream}
    if stream:
        body["stream_options"] = {"include_usage": True}
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(http.post("/v1/chat/completions", json=body))
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say(*PIECES)
        await cancel(second, writer.prompt.reply_id)
    answer = answering.result()
    assert answer.status_code == 200
    assert answer.headers["x-reply-id"] == writer.prompt.reply_id
    if stream:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
        assert lines[-1] == "data: [DONE]"
        assert '"finish_reason":"stop"' in lines[-3]
        assert f'"completion_tokens":{len(PIECES)}' in lines[-2]
    else:
        (choice,) = answer.json()["choices"]
        assert choice["finish_reason"] == "stop"
        assert choice["message"]["content"] == "".join(PIECES)
        assert answer.json()["usage"]["completion_tokens"] == len(PIECES)
    event = await agreed_event(worker.broker, worker.log, writer.prompt)
    assert event.usage.completion_tokens == len(PIECES)


async def test_cancels_are_counted_once_each(
    gateway: GatewayProcess,
    api_key: str,
    worker: StandInWorker,
    nats_url: str,
    mongo_url: str,
    tmp_path: Path,
) -> None:
    port = free_port()
    process = GatewayProcess(
        tmp_path, nats_url, mongo_url, DATA_DIR=str(gateway.data_dir), METRICS_PORT=str(port)
    )
    with running_gateway(process):
        process.wait_for_parts(broker=True, store=True)
        async with client_of(process, api_key) as http:
            writer = await running_reply(http, worker)
            await cancel(http, writer.prompt.reply_id)
            await cancel(http, writer.prompt.reply_id)
            ended = await ask(http, worker.model)
            await worker.answer("ok")
            await cancel(http, ended)
            body = {"model": worker.model, "messages": HELLO}
            call = asyncio.create_task(http.post("/v1/chat/completions", json=body))
            abandoned = await worker.next_prompt()
            call.cancel()
            await agreed_event(worker.broker, worker.log, abandoned)
            url = f"http://127.0.0.1:{port}/metrics"
            counted = await eventually(partial(_cancelled_by, http, url), lambda by: len(by) == 2)
    assert counted == {"request": 1.0, "hang_up": 1.0}


async def _cancelled_by(http: httpx.AsyncClient, url: str) -> dict[str, float]:
    page = (await http.get(url)).text
    return {
        sample.labels["by"]: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "rivulet_gateway_replies_cancelled_total"
    }


async def test_a_notice_asks_for_an_answer(http: httpx.AsyncClient, worker: StandInWorker) -> None:
    heard: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()
    writer = await running_reply(http, worker)
    subject = subjects.control(writer.prompt.reply_id)

    async def hear(message: object) -> None:
        heard.put_nowait((message.data, message.reply))  # type: ignore[attr-defined]

    await worker.broker.subscribe(subject, cb=hear)
    await worker.broker.flush()
    await cancel(http, writer.prompt.reply_id)
    sequence, reply_to = heard.get_nowait()
    assert int(sequence) > writer.fence
    assert reply_to


async def test_a_reply_that_was_begun_before_its_marker_can_be_cancelled(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await ask(http, worker.model)
    # Claimed by a worker that died at once.
    await worker.log.write_register(reply_id, Claim(1, "stand-in", 1), 0)
    worker.running.add(reply_id)
    assert await cancel(http, reply_id) == {
        "reply_id": reply_id,
        "status": "cancelled",
        "slot_free": True,
    }
    await eventually(lambda: read_reply(http, reply_id), lambda events: events[-1].data["done"])
