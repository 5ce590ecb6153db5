"""``GET /api/events``: devices of one user hear of each other, and nobody else does."""

import asyncio
import contextlib
import time

import httpx
import pytest
from nats.aio.client import Client

from gateway.feed.feed import LOOK_S
from schemas.events import PromptSubmitted
from schemas.ids import new_ulid
from tests.gateway.event_reading import Event, read_reply, text_of
from tests.gateway.eventually import eventually
from tests.gateway.feed.devices import Device, Elsewhere, listening, new_device
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.users import User, new_user


def said(events: list[Event]) -> list[tuple[str, object]]:
    return [(event.name, event.data) for event in events]


async def test_devices_hear_of_each_others_conversations_and_strangers_do_not(
    gateway: GatewayProcess, mongo_url: str, user: User, elsewhere: Elsewhere, broker: Client
) -> None:
    stranger = await new_user(mongo_url)
    begin = await elsewhere.delete("before")
    c = new_ulid()
    async with (
        new_device(gateway, user) as one,
        new_device(gateway, user) as two,
        new_device(gateway, stranger) as other,
    ):
        await elsewhere.create(c, title="Rivers", system="Be brief.")
        await elsewhere.change(c, title="Lakes", pinned=True)
        await elsewhere.change(c, share_id="s")
        await elsewhere.delete(c)
        heard = await one.some(4)
        assert said(heard) == [
            (
                "conversation",
                {
                    "conversation_id": c,
                    "change": "created",
                    "title": "Rivers",
                    "system": "Be brief.",
                },
            ),
            (
                "conversation",
                {"conversation_id": c, "change": "changed", "title": "Lakes", "pinned": True},
            ),
            ("conversation", {"conversation_id": c, "change": "changed", "share_id": "s"}),
            ("conversation", {"conversation_id": c, "change": "deleted"}),
        ]
        assert await two.some(4) == heard
        await Elsewhere(broker, stranger).delete("theirs")
        assert (await other.next()).data["conversation_id"] == "theirs"
    # Not by a resume from before all that either.
    async with listening(gateway, stranger, f"c-{begin}") as other:
        assert (await other.next()).data["conversation_id"] == "theirs"


async def test_news_comes_at_once(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    async with new_device(gateway, user) as device:
        began = time.monotonic()
        for number in range(10):
            await elsewhere.delete(f"{number}")
            assert (await device.next()).data["conversation_id"] == f"{number}"
        # Without wake-ups each would take seconds.
        assert time.monotonic() - began < LOOK_S


async def test_a_device_joins_a_reply_that_another_one_began(
    gateway: GatewayProcess, user: User, worker: StandInWorker
) -> None:
    async with (
        httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=20) as http,
        new_device(gateway, user) as early,
    ):
        body = {"model": worker.model, "content": "Hello"}
        ids = (await http.post("/api/prompts", json=body)).json()
        assert ids.pop("omitted_messages") == 0
        begun = {**ids, "temporary": False}
        created, running = await early.some(2)
        assert created.data == {
            "conversation_id": ids["conversation_id"],
            "change": "created",
            "model": worker.model,
        }
        assert running.data == {**begun, "state": "running"}
        writer = await worker.attempt(await worker.next_prompt())
        await writer.say("one")

        async with listening(gateway, user) as late:
            first = await late.next()
            assert said([first]) == [("running", {"replies": [begun]})]
            joined = asyncio.create_task(read_reply(http, first.data["replies"][0]["reply_id"]))
            await writer.say(" two")
            await writer.end()
            assert text_of(await joined) == "one two"
            ended = await late.next()
            assert ended == await early.next()
            assert ended.data == {**begun, "state": "finished", "status": "completed"}
    async with new_device(gateway, user):
        """Nothing runs any more."""


async def test_what_runs_and_what_follows_are_one_whole(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    """Whenever a device comes, nothing is in both and nothing in neither."""
    last = new_ulid()

    async def live() -> None:
        running: list[PromptSubmitted] = []
        for number in range(150):
            running.append(await elsewhere.ask(parent_id="p"))
            if number % 3:
                await elsewhere.finish(running.pop(0))
        for prompt in running:
            await elsewhere.finish(prompt)
        await elsewhere.delete(last)

    async def come() -> None:
        async with listening(gateway, user) as device:
            runs = {reply["reply_id"] for reply in (await device.next()).data["replies"]}
            while (event := await device.next()).name != "conversation":
                reply_id = event.data["reply_id"]
                if event.data["state"] == "running":
                    assert reply_id not in runs
                    runs.add(reply_id)
                else:
                    runs.remove(reply_id)
            assert runs == set()

    living = asyncio.create_task(live())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(7):
            tasks.create_task(come())
            await asyncio.sleep(0.03)
    await living


async def everything(elsewhere: Elsewhere) -> int:
    """Do one of each; return how many messages say it."""
    c = new_ulid()
    await elsewhere.create(c)
    prompt = await elsewhere.ask()
    titled = await elsewhere.ask(kind="title", conversation_id=prompt.conversation_id)
    await elsewhere.raw(b"no event")
    await elsewhere.raw(b'{"event":"ConversationDeleted","x":' + b"[" * 100_000)
    await elsewhere.finish(titled)
    await elsewhere.ask(temporary=True)
    await elsewhere.finish(prompt)
    await elsewhere.change(c, title="T")
    await elsewhere.ask()
    await elsewhere.delete(c)
    return 10


async def test_a_resume_at_every_cursor_gives_exactly_the_rest(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    async with new_device(gateway, user) as device:
        heard = await device.some(await everything(elsewhere))
    cursors = [event.event_id for event in heard]
    assert len(set(cursors)) == len(cursors)
    mark = new_ulid()
    await elsewhere.delete(mark)
    for place, cursor in enumerate(cursors):
        async with listening(gateway, user, cursor) as device:
            rest = [await device.next() for _ in heard[place + 1 :]]
            assert rest == heard[place + 1 :]
            assert (await device.next()).data["conversation_id"] == mark


async def test_a_cursor_comes_as_a_header_or_in_the_query(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    first = await elsewhere.delete("first")
    second = await elsewhere.delete("second")
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=20) as http:
        for headers, wanted in (({}, "second"), ({"Last-Event-ID": f"c-{second}"}, "third")):
            async with http.stream(
                "GET", f"/api/events?after=c-{first}", headers=headers
            ) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                if wanted == "third":
                    await elsewhere.delete("third")
                assert (await Device(response).next()).data["conversation_id"] == wanted


@pytest.mark.parametrize("cursor", ["nonsense", "c-x", "ABCDEF.1.1.1.1", "c-999999999"])
async def test_a_cursor_that_is_none_or_of_the_future_is_refused(
    gateway: GatewayProcess, user: User, cursor: str
) -> None:
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers) as http:
        answer = await http.get("/api/events", headers={"Last-Event-ID": cursor})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_cursor"
        assert answer.json()["error"]["param"] == "after"
        assert (await http.get(f"/api/events?after={cursor}")).status_code == 400


async def test_nobody_listens_without_a_key(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        assert (await http.get("/api/events")).status_code == 401


async def test_a_user_has_eight_feeds_and_a_ninth_when_one_is_closed(
    gateway: GatewayProcess, mongo_url: str, user: User
) -> None:
    async with (
        httpx.AsyncClient(base_url=gateway.url, headers=user.headers) as http,
        contextlib.AsyncExitStack() as devices,
    ):
        for _ in range(7):
            await devices.enter_async_context(new_device(gateway, user))
        async with new_device(gateway, user):
            refused = await http.get("/api/events")
            assert refused.status_code == 429
            assert refused.json()["error"]["code"] == "too_many_feeds"
            assert int(refused.headers["retry-after"]) > 0
            async with new_device(gateway, await new_user(mongo_url)):
                """Another user has eight of their own."""

        async def status() -> int:
            async with http.stream("GET", "/api/events") as response:
                return response.status_code

        assert await eventually(status, lambda found: found == 200)
