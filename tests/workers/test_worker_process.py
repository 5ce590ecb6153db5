"""One worker, a real broker, and prompts good and bad."""

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from schemas import subjects
from schemas.beacon import CountAnswer, CountRequest, decode_beacon
from schemas.events import ChatMessage
from schemas.frames import Attempt, Delta, End
from schemas.reply_log import Claim
from tests.support.asking import MODEL, Asker, expected_text
from tests.support.servers import free_port
from tests.support.worker_process import WorkerProcess


@pytest.fixture(scope="module")
def worker(nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    process = WorkerProcess(tmp_path_factory.mktemp("worker"), nats_url).start()
    yield process
    assert process.stop() == 0


async def test_a_reply_is_the_script_and_is_reported_with_its_usage(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("hello there")
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.text == expected_text(prompt)
        assert folded.end is not None
        assert folded.end.status == "completed"
        finished = await asker.finished(prompt)
        assert finished.text == folded.text
        assert finished.usage.completion_tokens == folded.state.tokens == len(folded.token_ids)
        assert finished.usage.prompt_tokens == 3
        assert finished.attempts == 1
        assert finished.timings.first_token_ms is not None
        assert finished.timings.first_token_ms <= finished.timings.total_ms


async def test_every_log_line_of_a_reply_names_it_and_none_holds_its_text(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("a secret question")
        folded = await asker.read_to_end(prompt.reply_id)
        await asker.finished(prompt)
    worker.wait_for_event("reply_finished")
    mine = [record for record in worker.events() if record.get("reply_id") == prompt.reply_id]
    assert {record["event"] for record in mine} >= {"reply_finished"}
    log = worker.log_path.read_text()
    assert "secret" not in log
    assert folded.text[:30] not in log


async def test_a_port_for_metrics_that_another_worker_has_costs_no_reply(
    nats_url: str, tmp_path: Path
) -> None:
    port = str(free_port())
    first = WorkerProcess(tmp_path / "first", nats_url, WORKER_METRICS_PORT=port)
    second = WorkerProcess(tmp_path / "second", nats_url, WORKER_METRICS_PORT=port)
    for process in (first, second):
        process.log_path.parent.mkdir()
        process.start()
    try:
        assert "rivulet_worker_slots" in await asyncio.to_thread(metrics, port)
        assert port in str(second.wait_for_event("metrics_not_served")["error"])
    finally:
        assert [first.stop(), second.stop()] == [0, 0]


def metrics(port: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text: str = answer.read().decode()
    return text


async def test_max_tokens_cuts_the_reply(nats_url: str, worker: WorkerProcess) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("cut", max_tokens=5)
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.state.tokens == 5
        assert folded.end is not None
        assert folded.end.finish_reason == "length"
        assert folded.text == expected_text(prompt)


async def test_a_stop_string_cuts_the_reply_before_it(nats_url: str, worker: WorkerProcess) -> None:
    async with Asker.connected(nats_url) as asker:
        whole = expected_text(asker.prompt("stop here"))
        stop = whole[20:26]
        prompt = await asker.ask("stop here", stop=(stop,))
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.text == whole[: whole.find(stop)]
        assert folded.end is not None
        assert folded.end.finish_reason == "stop"


async def test_a_prompt_past_its_deadline_fails_without_a_token(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        late = msgspec.structs.replace(asker.prompt("late"), deadline_ms=1)
        folded = await asker.read_to_end((await asker.submit(late)).reply_id)
        assert folded.end is not None
        assert folded.end.status == "failed"
        assert folded.end.error is not None
        assert folded.end.error.code == "deadline"
        assert folded.state.tokens == 0
        assert (await asker.finished(late)).status == "failed"


async def test_a_prompt_longer_than_the_context_fails_and_says_both_lengths(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("word " * 131_073)
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.end is not None
        assert folded.end.error is not None
        assert folded.end.error.code == "context_length_exceeded"
        assert "131074" in folded.end.error.message
        assert "131072" in folded.end.error.message
        assert (await asker.finished(prompt)).attempts == 1


async def test_a_prompt_that_does_not_parse_is_set_aside_and_the_worker_goes_on(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        subject = subjects.prompt(asker.user_id, MODEL, 0)
        await asker.broker.jetstream().publish(subject, b'{"event": "PromptSubmitted"}')
        worker.wait_for_event("prompt_unreadable")
        prompt = await asker.ask("after it")
        assert (await asker.read_to_end(prompt.reply_id)).text == expected_text(prompt)


async def test_a_prompt_that_was_cancelled_while_queued_is_never_generated(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = asker.prompt("cancelled before it began")
        await asker.cancel(prompt.reply_id)
        await asker.submit(prompt)
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.end is not None
        assert folded.end.status == "cancelled"
        assert folded.state.tokens == 0
        assert (await asker.finished(prompt)).status == "cancelled"


async def test_a_cancel_stops_a_running_reply_and_its_partial_text_is_reported(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("cancel me", max_tokens=4_000, ignore_eos=True)
        await asker.read_until(prompt.reply_id, lambda folded: folded.state.tokens > 5)
        await asker.cancel(prompt.reply_id)
        folded = await asker.read_to_end(prompt.reply_id)
        finished = await asker.finished(prompt)
        assert finished.status == "cancelled"
        assert finished.text == folded.text == expected_text(prompt)[: len(folded.text)]
        assert finished.usage.completion_tokens == folded.state.tokens > 5


async def test_a_redelivery_after_the_end_changes_nothing(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("once")
        first = await asker.read_to_end(prompt.reply_id)
        await asker.finished(prompt)
        await asker.submit(prompt)
        started = time.monotonic()
        while time.monotonic() - started < 1.0 and len(await asker.attempts(prompt.reply_id)) < 2:
            pass
        assert (await asker.read_to_end(prompt.reply_id)) == first


async def test_a_reply_that_the_model_had_finished_only_gets_its_end(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = asker.prompt("finished by another")
        fence = await asker.log.write_register(prompt.reply_id, Claim(1, "dead", 0), 0)
        await asker.log.append_fenced(prompt.reply_id, Attempt(1, "dead"), fence)
        await asker.log.append(prompt.reply_id, Delta(1, 0, [5, 6], "it ends.", [3, 8], "stop"))
        await asker.submit(prompt)
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.text == "it ends."
        assert folded.end is not None
        assert (folded.end.status, folded.end.finish_reason) == ("completed", "stop")
        assert folded.end.n == 2


async def test_ten_attempts_without_a_token_condemn_the_prompt(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = asker.prompt("poison")
        fence = await asker.log.write_register(prompt.reply_id, Claim(10, "dead", 0), 0)
        for n in range(1, 11):
            await asker.log.append_fenced(prompt.reply_id, Attempt(n, f"dead-{n}"), fence)
        await asker.submit(prompt)
        folded = await asker.read_to_end(prompt.reply_id)
        assert folded.end is not None
        assert folded.end.error is not None
        assert folded.end.error.code == "poison"


async def test_a_worker_counts_the_tokens_of_a_prompt_on_request(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        request = CountRequest((ChatMessage("user", "one two three"),))
        answer = await asker.broker.request(
            subjects.count(MODEL), msgspec.json.encode(request), timeout=5
        )
        assert msgspec.json.decode(answer.data, type=CountAnswer) == CountAnswer(4, 131_072)


async def test_a_workers_beacon_says_what_it_serves_and_how_many_slots_are_free(
    nats_url: str, worker: WorkerProcess
) -> None:
    async with Asker.connected(nats_url) as asker:
        heard = await asker.broker.subscribe(subjects.ALL_BEACONS)
        beacon = decode_beacon((await heard.next_msg(timeout=5)).data)
        assert beacon.model == MODEL
        assert beacon.slots == beacon.free == 1_024
        assert not beacon.draining


async def test_a_duplicate_end_is_void(nats_url: str, worker: WorkerProcess) -> None:
    async with Asker.connected(nats_url) as asker:
        prompt = await asker.ask("two ends", max_tokens=3)
        first = await asker.read_to_end(prompt.reply_id)
        await asker.log.append(prompt.reply_id, End(n=None, tokens=None, status="cancelled"))
        assert (await asker.read_to_end(prompt.reply_id)) == first
