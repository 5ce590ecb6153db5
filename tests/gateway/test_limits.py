"""Admission limits through real gateway processes: refused before anything is published."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client
from prometheus_client.parser import text_string_to_metric_families

from gateway import running_replies
from gateway.broker_link import BrokerLink
from gateway.recent_count import RecentCount
from gateway.running_replies import RunningReplies
from schemas import subjects
from schemas.ids import new_user_id
from schemas.streams import CHAT, CHAT_MAX_AGE_S, REPLIES_MAX_AGE_S
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker, prompts_in_log
from tests.gateway.users import User, new_user
from tests.support.servers import free_port

HELLO = [{"role": "user", "content": "Hello"}]
QUEUED = 4
RUNNING = 3
OTHER_LIMITS = {"MAX_QUEUED_PER_MODEL": str(QUEUED), "MAX_RUNNING_PER_USER": str(RUNNING)}


@pytest.fixture(scope="module")
def limited(
    gateway: GatewayProcess,
    nats_url: str,
    mongo_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[GatewayProcess]:
    """A process of the shared gateway's instance with low limits."""
    folder: Path = tmp_path_factory.mktemp("limited")
    process = GatewayProcess(
        folder,
        nats_url,
        mongo_url,
        DATA_DIR=str(gateway.data_dir),
        METRICS_PORT=str(free_port()),
        **OTHER_LIMITS,
    )
    with running_gateway(process):
        process.wait_for_parts(broker=True, store=True)
        yield process


@pytest.fixture
async def user(mongo_url: str) -> User:
    return await new_user(mongo_url)


@contextlib.asynccontextmanager
async def client_of(gateway: GatewayProcess, user: User) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=20) as client:
        yield client


@pytest.fixture
async def http(limited: GatewayProcess, user: User) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the limited process, of a user of this test's own."""
    async with client_of(limited, user) as client:
        yield client


async def ask(http: httpx.AsyncClient, model: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await http.post(
        "/api/prompts", json={"model": model, "content": "Hello"}, headers=headers
    )


async def accepted(http: httpx.AsyncClient, model: str) -> str:
    answer = await ask(http, model)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reply_id"])


def refusal(answer: httpx.Response) -> tuple[int, str, int]:
    """Return status, code and ``Retry-After`` of an answer in the one error shape."""
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "code", "param"}
    assert error["message"].endswith(".")
    return answer.status_code, error["code"], int(answer.headers["retry-after"])


async def fill_queue(limited: GatewayProcess, mongo_url: str, model: str) -> None:
    """Let as many prompts wait as may, of users who may have so many."""
    for _ in range(QUEUED):
        async with client_of(limited, await new_user(mongo_url)) as client:
            await accepted(client, model)


async def test_a_prompt_for_a_full_queue_is_refused_before_it_is_published(
    http: httpx.AsyncClient, limited: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> None:
    await fill_queue(limited, mongo_url, worker.model)
    assert refusal(await ask(http, worker.model)) == (429, "queue_full", 5)
    for body in ({}, {"stream": True}):
        answer = await http.post(
            "/v1/chat/completions", json={"model": worker.model, "messages": HELLO, **body}
        )
        assert refusal(answer)[:2] == (429, "queue_full")
    assert await prompts_in_log(worker.broker, worker.model) == QUEUED
    # What runs does not wait.
    await worker.next_prompt()
    await eventually(lambda: ask(http, worker.model), lambda answer: answer.status_code == 202)
    assert await prompts_in_log(worker.broker, worker.model) == QUEUED + 1


async def test_a_full_queue_says_when_there_will_be_room(
    http: httpx.AsyncClient, limited: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> None:
    worker.slots, worker.reply_s = 4, 42.0
    await fill_queue(limited, mongo_url, worker.model)
    # One begins every 10.5 s.
    await eventually(
        lambda: ask(http, worker.model),
        lambda answer: refusal(answer) == (429, "queue_full", 11),
    )


async def test_running_replies_of_a_user_are_limited_until_one_ends(
    http: httpx.AsyncClient, limited: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> None:
    worker.slots, worker.reply_s = 8, 12.0
    for _ in range(RUNNING):
        await accepted(http, worker.model)
    # Queued or running makes no difference.
    writer = await worker.attempt(await worker.next_prompt())
    await eventually(
        lambda: ask(http, worker.model),
        lambda answer: refusal(answer) == (429, "too_many_running", 4),
    )
    async with client_of(limited, await new_user(mongo_url)) as stranger:
        await accepted(stranger, worker.model)
    await writer.end()
    await eventually(lambda: ask(http, worker.model), lambda answer: answer.status_code == 202)
    assert refusal(await ask(http, worker.model))[1] == "too_many_running"


async def test_a_retry_counts_like_any_other_prompt(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await accepted(http, worker.model)
    for _ in range(RUNNING - 1):
        assert (await http.post(f"/api/replies/{reply_id}/retry")).status_code == 202
    answer = await http.post(f"/api/replies/{reply_id}/retry")
    assert refusal(answer)[:2] == (429, "too_many_running")
    assert await prompts_in_log(worker.broker, worker.model) == RUNNING


async def test_the_limit_counts_what_other_gateway_processes_took(
    http: httpx.AsyncClient, gateway: GatewayProcess, user: User, worker: StandInWorker
) -> None:
    async with client_of(gateway, user) as elsewhere:
        for _ in range(RUNNING - 1):
            await accepted(elsewhere, worker.model)
        await accepted(http, worker.model)
        assert refusal(await ask(http, worker.model))[:2] == (429, "too_many_running")
        assert await prompts_in_log(worker.broker, worker.model) == RUNNING
        # A count is a second old at most, also where others have taken more meanwhile.
        await worker.answer("one")
        await eventually(lambda: ask(http, worker.model), lambda answer: answer.status_code == 202)
        await worker.answer("another")
        await accepted(elsewhere, worker.model)
    await eventually(lambda: ask(http, worker.model), lambda answer: answer.status_code == 429)


async def test_a_burst_does_not_overrun_the_limit(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    answers = await asyncio.gather(*(ask(http, worker.model) for _ in range(40)))
    assert sorted(answer.status_code for answer in answers) == [202] * RUNNING + [429] * (
        40 - RUNNING
    )
    assert await prompts_in_log(worker.broker, worker.model) == RUNNING


async def test_a_repeated_key_finds_its_reply_although_a_limit_is_reached(
    http: httpx.AsyncClient, gateway: GatewayProcess, user: User, worker: StandInWorker
) -> None:
    first = await ask(http, worker.model, "the-key")
    for _ in range(RUNNING - 1):
        await accepted(http, worker.model)
    before = (await worker.broker.jetstream().stream_info(CHAT)).state.last_seq
    assert refusal(await ask(http, worker.model, "another-key"))[:2] == (429, "too_many_running")
    again = await ask(http, worker.model, "the-key")
    assert (again.status_code, again.json()) == (202, first.json())
    other = {"model": worker.model, "content": "Something else"}
    reused = await http.post("/api/prompts", json=other, headers={"Idempotency-Key": "the-key"})
    assert (reused.status_code, reused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    # The looks for the key stored nothing, and did not use up the one that was refused.
    assert (await worker.broker.jetstream().stream_info(CHAT)).state.last_seq == before
    async with client_of(gateway, user) as elsewhere:
        fresh = await ask(elsewhere, worker.model, "another-key")
    assert fresh.status_code == 202
    assert fresh.json() != first.json()


async def test_refusals_are_counted_by_code(
    http: httpx.AsyncClient, limited: GatewayProcess, worker: StandInWorker
) -> None:
    for _ in range(RUNNING + 1):
        await ask(http, worker.model)
    port = limited.environment["RIVULET_METRICS_PORT"]
    async with httpx.AsyncClient() as plain:
        text = (await plain.get(f"http://127.0.0.1:{port}/metrics")).text
    counted = {
        sample.labels["code"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "rivulet_gateway_prompts_refused_total"
    }
    assert counted["too_many_running"] >= 1


@contextlib.asynccontextmanager
async def counting(url: str, **horizon: float) -> AsyncIterator[RunningReplies]:
    link = BrokerLink(url, chat_max_age_s=CHAT_MAX_AGE_S, replies_max_age_s=REPLIES_MAX_AGE_S)
    running = asyncio.create_task(link.run())

    async def is_up() -> bool:
        return link.is_up

    await eventually(is_up, bool)
    try:
        yield RunningReplies(link, **horizon)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def store(broker: Client, subject: str, count: int) -> None:
    for _ in range(count):
        await broker.jetstream().publish(subject, b"{}")


async def test_replies_that_were_never_finished_do_not_lock_their_user_out(
    nats_url: str, worker: StandInWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_replies, "_GRACE_S", 0.0)
    user_id = new_user_id()
    await store(worker.broker, subjects.prompt(user_id, worker.model, 0), 5)
    await store(worker.broker, subjects.finished(user_id, worker.model), 1)
    began = time.monotonic()
    async with counting(nats_url, start_deadline_s=1.0, replies_max_age_s=2.0) as replies:
        assert await replies.count(user_id, sure=False) == 4
        if time.monotonic() - began < 1.0:
            assert await replies.count(user_id, sure=True) == 4
        await eventually(lambda: replies.count(user_id, sure=True), lambda count: count == 0)
        await store(worker.broker, subjects.prompt(user_id, worker.model, 1), 1)
        assert await replies.count(user_id, sure=True) == 1
        # The quick way still counts them, and decides nothing where it says too many.
        assert await replies.count(user_id, sure=False) == 5


async def test_titles_that_run_are_not_what_their_user_has_running(
    nats_url: str, worker: StandInWorker
) -> None:
    user_id = new_user_id()
    await store(worker.broker, subjects.prompt(user_id, worker.model, 0), 2)
    await store(worker.broker, subjects.finished(user_id, worker.model), 1)
    await store(worker.broker, subjects.title_prompt(user_id, worker.model), 4)
    await store(worker.broker, subjects.finished_title(user_id, worker.model), 2)
    async with counting(nats_url, start_deadline_s=600.0, replies_max_age_s=3600.0) as replies:
        for sure in (False, True):
            assert await replies.count(user_id, sure=sure) == 1


async def test_an_end_that_was_reported_twice_never_counts_below_nothing(
    nats_url: str, worker: StandInWorker
) -> None:
    user_id = new_user_id()
    await store(worker.broker, subjects.prompt(user_id, worker.model, 0), 1)
    await store(worker.broker, subjects.finished(user_id, worker.model), 2)
    await store(worker.broker, subjects.dead_letter(user_id, worker.model), 1)
    async with counting(nats_url, start_deadline_s=600.0, replies_max_age_s=3600.0) as replies:
        for sure in (False, True):
            assert await replies.count(user_id, sure=sure) == 0


class Broker:
    """Counts, when a test lets it."""

    def __init__(self) -> None:
        self.count = 0
        self.asked: list[bool] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self, *, sure: bool) -> int:
        self.asked.append(sure)
        count = self.count
        await self.answers.wait()
        return count


async def test_a_count_is_asked_once_for_all_who_come_together() -> None:
    broker = Broker()
    count = RecentCount(broker.ask)
    await asyncio.gather(*(count.measure(1.0) for _ in range(20)))
    await count.measure(1.0)
    assert broker.asked == [False]
    await count.measure(1.0, sure=True)
    assert broker.asked == [False, True]


async def test_what_is_added_while_a_count_is_asked_is_not_forgotten() -> None:
    broker = Broker()
    count = RecentCount(broker.ask)
    count.hold()
    broker.answers.clear()
    measuring = asyncio.create_task(count.measure(1.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    count.let_go(added=True)
    count.hold()
    broker.answers.set()
    await measuring
    assert count.total == 2
    # What was there when it was asked is in the answer.
    broker.count = 1
    await count.measure(0.0)
    assert count.total == 2
    count.let_go(added=False)
    assert count.total == 1


def test_who_comes_just_as_a_measurement_ends_lets_the_others_run() -> None:
    # In a thread: who waits without ever letting go of the loop would take the test with it.
    thread = threading.Thread(target=lambda: asyncio.run(come_as_it_ends()), daemon=True)
    thread.start()
    thread.join(10.0)
    assert not thread.is_alive()


async def come_as_it_ends() -> None:
    late: list[asyncio.Task[None]] = []

    async def ask(*, sure: bool) -> int:
        await asyncio.sleep(0.01)
        if not late:
            # Its first step is before anybody is told that this measurement has ended.
            late.append(asyncio.create_task(count.measure(0.0, sure=not sure)))
        return 7

    count = RecentCount(ask)
    await count.measure(0.0)
    await late[0]


async def test_a_caller_that_goes_away_does_not_take_the_others_count_with_it() -> None:
    broker = Broker()
    broker.count = 7
    broker.answers.clear()
    count = RecentCount(broker.ask)
    first, second = (asyncio.create_task(count.measure(1.0)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    broker.answers.set()
    await second
    assert count.total == 7
