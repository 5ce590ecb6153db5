"""Everybody reads their own writes, through any gateway process, and nobody waits for long."""

import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from schemas.ids import new_ulid
from tests.analytics.consumer_process import ConsumerProcess, consumers
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.users import User, new_user
from tests.support.pausing import pause
from tests.support.servers import NatsServer, StoreServer

_CHANGES = 15


@pytest.fixture
async def people(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> AsyncIterator[tuple[User, list[httpx.AsyncClient], ConsumerProcess]]:
    """A user with a client at each of two gateways, and the history's process."""
    urls = (fresh_nats_server.url, fresh_store_server.url)
    processes = [
        GatewayProcess(tmp_path / name, *urls, SECRET="the same") for name in ("one", "other")
    ]
    environment = {"RIVULET_NATS_URL": urls[0], "RIVULET_MONGO_URL": urls[1]}
    with (
        consumers(tmp_path / "history", "history", **environment) as history,
        running_gateway(processes[0]) as one,
        running_gateway(processes[1]) as other,
    ):
        history.wait_until_started()
        for gateway in (one, other):
            gateway.wait_for_parts(broker=True, store=True)
        user = await new_user(urls[1])
        async with (
            httpx.AsyncClient(base_url=one.url, headers=user.headers, timeout=20) as here,
            httpx.AsyncClient(base_url=other.url, headers=user.headers, timeout=20) as there,
        ):
            yield user, [here, there], history


async def test_what_one_gateway_changed_another_one_shows_at_once(
    people: tuple[User, list[httpx.AsyncClient], ConsumerProcess],
) -> None:
    _, (here, there), _ = people
    made = (await here.post("/api/conversations", json={"title": "0"})).json()
    path = f"/api/conversations/{made['conversation_id']}"

    for number in range(1, _CHANGES):
        writer, reader = (here, there) if number % 2 else (there, here)
        await writer.patch(path, json={"title": str(number)})
        shown = (await reader.get(path)).json()["conversation"]["title"]
        listed = (await reader.get("/api/conversations")).json()["data"][0]["title"]
        assert (shown, listed) == (str(number), str(number))
    assert (await there.delete(path)).json()["status"] == "erased"
    assert (await here.get(path)).status_code == 404


async def test_without_the_history_a_change_is_accepted_and_reads_answer_with_what_there_is(
    people: tuple[User, list[httpx.AsyncClient], ConsumerProcess],
) -> None:
    _, (here, there), history = people
    made = (await here.post("/api/conversations", json={"title": "before"})).json()
    path = f"/api/conversations/{made['conversation_id']}"
    pause(history.pid)

    changed = await here.patch(path, json={"title": "after"})
    began = time.monotonic()
    behind = [await there.get(path) for _ in range(4)]
    took_s = time.monotonic() - began
    history.send(signal.SIGCONT)

    assert (changed.status_code, changed.json()["title"]) == (200, "after")
    assert [read.json()["conversation"]["title"] for read in behind] == ["before"] * 4
    # One second for the first of them; then it is known that the history does not move.
    assert took_s < 3.0
    deadline = time.monotonic() + 20
    while (await there.get(path)).json()["conversation"]["title"] != "after":
        assert time.monotonic() < deadline, "the history did not catch up"


async def test_without_the_history_nobody_is_told_that_what_is_new_does_not_exist(
    people: tuple[User, list[httpx.AsyncClient], ConsumerProcess],
) -> None:
    _, (here, there), history = people
    older = (await here.post("/api/conversations", json={"title": "older"})).json()
    older_path = f"/api/conversations/{older['conversation_id']}"
    pause(history.pid)
    made = (await here.post("/api/conversations", json={"title": "new"})).json()
    path = f"/api/conversations/{made['conversation_id']}"

    answers = [
        await there.get(path),
        await there.patch(path, json={"pinned": True}),
        await here.delete(path),
        await there.get(f"{path}/export"),
        # The conversation is known, and a new message of it may be on its way.
        await there.put(f"{older_path}/messages/{new_ulid()}/feedback", json={"rating": "up"}),
        await there.post(f"{older_path}/share", json={"leaf_id": new_ulid()}),
        await there.patch(older_path, json={"leaf_id": new_ulid()}),
    ]
    history.send(signal.SIGCONT)

    assert [answer.status_code for answer in answers] == [503] * 7
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    deadline = time.monotonic() + 20
    while (await there.get(path)).status_code != 200:
        assert time.monotonic() < deadline, "the history did not catch up"
    # What nobody made is not there, and that is said.
    nobodys = f"/api/conversations/{new_ulid()}"
    for path in (nobodys, f"{nobodys}/export"):
        assert (await here.get(path)).status_code == 404
    share = await there.post(f"{older_path}/share", json={"leaf_id": new_ulid()})
    assert share.status_code == 404
