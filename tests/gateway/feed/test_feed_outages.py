"""Feeds go on over whatever breaks: nothing is missed, and nothing comes twice."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from gateway.feed.feed import LOOK_S
from schemas import subjects
from schemas.broker import connect, disconnect
from schemas.streams import CHAT
from tests.gateway.eventually import eventually
from tests.gateway.feed.devices import Elsewhere, listening, new_device
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.socket.socket_client import metric, open_socket
from tests.gateway.users import User
from tests.support.servers import NatsServer, free_port

MIB = 1024 * 1024
# A loaded machine takes its time.
STOP_WITHIN_S = 8.0
FEEDS = "rivulet_gateway_open_feeds"


class Stack(NamedTuple):
    """A broker and a gateway of a test's own, to be broken."""

    nats: NatsServer
    gateway: GatewayProcess
    broker: Client


@pytest.fixture
async def stack(
    fresh_nats_server: NatsServer, mongo_url: str, tmp_path: Path
) -> AsyncIterator[Stack]:
    process = GatewayProcess(
        tmp_path / "gateway", fresh_nats_server.url, mongo_url, METRICS_PORT=str(free_port())
    )
    with running_gateway(process) as gateway:
        gateway.wait_for_parts(broker=True, store=True)
        broker = await connect(fresh_nats_server.url, "test")
        yield Stack(fresh_nats_server, gateway, broker)
        await disconnect(broker)


async def restart(stack: Stack) -> None:
    async def connected() -> bool:
        return stack.broker.is_connected

    stack.nats.kill()
    # In threads: the test's own connection and its devices need this loop.
    await asyncio.to_thread(stack.gateway.wait_for_parts, broker=False)
    await eventually(connected, lambda found: not found)
    await asyncio.to_thread(stack.nats.start)
    await asyncio.to_thread(stack.gateway.wait_for_parts, broker=True)
    await eventually(connected, bool)


async def test_feeds_go_on_after_the_broker_was_killed(stack: Stack, user: User) -> None:
    elsewhere = Elsewhere(stack.broker, user)
    async with (
        new_device(stack.gateway, user) as device,
        open_socket(stack.gateway, user.key) as client,
    ):
        await client.say("sync")
        await client.until("running")
        done = []
        for round_ in range(3):
            for number in range(5):
                done.append(f"{round_}-{number}")
                await elsewhere.delete(done[-1])
            await restart(stack)
        began = time.monotonic()
        await elsewhere.delete("last")
        heard = await device.some(len(done) + 1)
        assert time.monotonic() - began < LOOK_S - 1, "it was found by the fallback only"
        assert [event.data["conversation_id"] for event in heard] == [*done, "last"]
        said = [await client.next() for _ in heard]
        assert [message["conversation_id"] for message in said] == [*done, "last"]


async def test_a_device_that_comes_while_the_broker_is_away_is_told_so(
    stack: Stack, user: User
) -> None:
    async with (
        httpx.AsyncClient(base_url=stack.gateway.url, headers=user.headers, timeout=20) as http,
        open_socket(stack.gateway, user.key) as client,
    ):
        stack.nats.kill()
        stack.gateway.wait_for_parts(broker=False)
        refused = await http.get("/api/events")
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "service_unavailable"
        await client.say("sync", ref="s")
        error = await client.error()
        assert (error["code"], error["ref"]) == ("service_unavailable", "s")
        stack.nats.start()


async def test_without_wake_ups_news_comes_a_few_seconds_late(stack: Stack, user: User) -> None:
    config = (await stack.broker.jetstream().stream_info(CHAT)).config
    async with new_device(stack.gateway, user) as device:
        config.republish = None
        await stack.broker.jetstream().update_stream(config)
        assert (await stack.broker.jetstream().stream_info(CHAT)).config.republish is None
        await Elsewhere(stack.broker, user).delete("C")
        began = time.monotonic()
        assert (await device.next()).data["conversation_id"] == "C"
        assert time.monotonic() - began < LOOK_S + 3


async def test_a_cursor_that_is_older_than_the_log_begins_anew(stack: Stack, user: User) -> None:
    elsewhere = Elsewhere(stack.broker, user)
    lost = [await elsewhere.delete("lost") for _ in range(3)]
    prompt = await elsewhere.ask()
    kept = await elsewhere.delete("kept")
    # What the log's age does, and the erasure of a conversation.
    await stack.broker.jetstream().purge_stream(CHAT, seq=lost[-1] + 1)
    async with listening(stack.gateway, user, f"c-{lost[0]}") as device:
        first = await device.next()
        assert (first.name, first.event_id) == ("running", f"c-{kept}")
        assert first.data["reset"] is True
        assert [reply["reply_id"] for reply in first.data["replies"]] == [prompt.reply_id]
        await elsewhere.delete("new")
        assert (await device.next()).data["conversation_id"] == "new"
    async with listening(stack.gateway, user, f"c-{lost[-1]}") as device:
        assert (await device.next()).data["change"] == "created"


async def test_a_process_that_stops_ends_its_feeds_which_go_on_elsewhere(
    stack: Stack, user: User, tmp_path: Path, mongo_url: str
) -> None:
    elsewhere = Elsewhere(stack.broker, user)
    other = GatewayProcess(tmp_path / "other", stack.nats.url, mongo_url)
    with running_gateway(other):
        other.wait_for_parts(broker=True, store=True)
        async with (
            new_device(stack.gateway, user) as device,
            open_socket(stack.gateway, user.key) as client,
        ):
            await client.say("sync")
            await client.until("running")
            assert metric(stack.gateway, FEEDS) == 2
            await elsewhere.delete("one")
            last = await device.next()
            stopping = asyncio.create_task(asyncio.to_thread(stack.gateway.stop, signal.SIGTERM))
            assert await device.rest() == []
            assert await client.closed() == 1012
            status, seconds = await stopping
            assert (status, seconds < STOP_WITHIN_S) == (0, True)
        await elsewhere.delete("two")
        async with listening(other, user, last.event_id) as device:
            assert (await device.next()).data["conversation_id"] == "two"


async def test_a_feed_that_is_over_leaves_nothing_behind(stack: Stack, user: User) -> None:
    # The test's own connection does not listen.
    before = await listeners(stack.broker, user)
    async with new_device(stack.gateway, user), open_socket(stack.gateway, user.key) as client:
        await client.say("sync")
        await client.until("running")
        assert await listeners(stack.broker, user)
    assert not before
    await eventually(lambda: listeners(stack.broker, user), lambda found: not found)

    async def open_feeds() -> float:
        return metric(stack.gateway, FEEDS)

    await eventually(open_feeds, lambda found: found == 0)


async def listeners(broker: Client, user: User) -> bool:
    """Tell whether anybody hears of the user's events; a request tells."""
    subject = subjects.wake_ups_of_user(user.user_id).replace(">", "probe")
    try:
        await broker.request(subject, b"", timeout=0.2)
    except NoRespondersError:
        return False
    except NatsTimeoutError:
        return True
    raise AssertionError("nobody answers a wake-up")


def resident(gateway: GatewayProcess) -> int:
    assert gateway.process is not None
    return int(psutil.Process(gateway.process.pid).memory_info().rss)


async def test_slow_readers_cost_a_batch_each_and_hear_everything(stack: Stack, user: User) -> None:
    elsewhere = Elsewhere(stack.broker, user)
    size, number = 128 * 1024, 400
    async with contextlib.AsyncExitStack() as opened:
        slow = await opened.enter_async_context(new_device(stack.gateway, user))
        client = await opened.enter_async_context(open_socket(stack.gateway, user.key, max_queue=1))
        await client.say("sync")
        await client.until("running")
        before = resident(stack.gateway)
        for n in range(number):
            await elsewhere.change(f"{n}", system="x" * size)
        # They are in the log; give the gateway the time to take what it wants.
        await asyncio.sleep(1)
        held_mib = (resident(stack.gateway) - before) / MIB
        assert number * size / MIB > 48
        assert held_mib < 20
        heard = await slow.some(number)
        assert [event.data["conversation_id"] for event in heard] == [str(n) for n in range(number)]
        for n in range(number):
            assert (await client.next())["conversation_id"] == str(n)


async def test_prompts_of_megabytes_are_read_a_few_at_a_time(stack: Stack, user: User) -> None:
    elsewhere = Elsewhere(stack.broker, user)
    number = 40
    begin = await elsewhere.delete("begin")
    for _ in range(number):
        await elsewhere.ask(parent_id="P", content="x" * (4 * MIB - 4096))
    before = resident(stack.gateway)
    async with listening(stack.gateway, user, f"c-{begin}") as device:
        states = [event.data["state"] for event in await device.some(number)]
        assert states == ["running"] * number
    async with listening(stack.gateway, user) as device:
        assert len((await device.next()).data["replies"]) == number
    assert (resident(stack.gateway) - before) / MIB < 60
