"""``sync`` on a socket: the same news, with the same cursors, beside the replies."""

import contextlib

import pytest

from schemas.ids import new_ulid
from tests.gateway.feed.devices import Elsewhere, listening, new_device
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.socket.socket_client import open_socket
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.users import User, new_user


async def test_a_socket_hears_what_a_stream_hears(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    async with open_socket(gateway, user.key) as client, new_device(gateway, user) as device:
        await client.say("sync")
        running = await client.next()
        assert running == {"type": "running", "replies": [], "cursor": running["cursor"]}
        prompt = await elsewhere.ask()
        await elsewhere.finish(prompt)
        await elsewhere.change("C", title="T", archived=True)
        heard = await device.some(4)
        assert [await client.next() for _ in heard] == [
            {"type": event.name, **event.data, "cursor": event.event_id} for event in heard
        ]


async def test_the_asker_and_another_socket_hear_of_a_reply_and_the_other_joins(
    gateway: GatewayProcess, user: User, worker: StandInWorker
) -> None:
    async with (
        open_socket(gateway, user.key) as asker,
        open_socket(gateway, user.key) as other,
    ):
        for client in (asker, other):
            await client.say("sync")
            await client.until("running")
        accepted = await asker.prompt(worker.model)
        reply_id = accepted["reply_id"]
        await asker.until("reply", reply_id=reply_id, state="running")
        (_, begun) = await other.until("reply", reply_id=reply_id, state="running")
        assert begun["assistant_message_id"] == accepted["assistant_message_id"]
        await other.say("subscribe", reply_id=reply_id)
        await worker.answer("hi")
        seen = await other.until("reply", state="finished")
        if "end" not in [message["type"] for message in seen]:
            seen += await other.until("end")
        assert "".join(m["text"] for m in seen if m["type"] == "delta") == "hi"


async def test_a_resume_at_every_cursor_of_a_socket_gives_exactly_the_rest(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    begin = await elsewhere.delete("before")
    await elsewhere.ask()
    await elsewhere.change("C", title="T")
    await elsewhere.ask(parent_id="P")
    async with open_socket(gateway, user.key) as client:
        await client.say("sync", after=f"c-{begin}")
        heard = [await client.next() for _ in range(4)]
        for place, message in enumerate(heard):
            # On the same socket: each one replaces the one before.
            await client.say("sync", after=message["cursor"])
            rest = [await client.next() for _ in heard[place + 1 :]]
            assert rest == heard[place + 1 :]
        await elsewhere.delete("after")
        assert (await client.next())["conversation_id"] == "after"
    # A cursor of a socket is one of a stream.
    async with listening(gateway, user, heard[0]["cursor"]) as device:
        assert (await device.next()).event_id == heard[1]["cursor"]


async def test_after_unsync_nothing_comes_until_sync(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere
) -> None:
    async with open_socket(gateway, user.key) as client:
        await client.say("unsync")
        assert await client.next() == {"type": "unsynced", "ref": None}
        await client.say("sync")
        cursor = (await client.next())["cursor"]
        await client.say("unsync", ref="u")
        assert await client.next() == {"type": "unsynced", "ref": "u"}
        await elsewhere.delete("C")
        await client.say("ping")
        assert (await client.next())["type"] == "pong"
        await client.say("sync", after=cursor)
        assert (await client.next())["conversation_id"] == "C"


@pytest.mark.parametrize("after", ["nonsense", "c-999999999"])
async def test_a_bad_cursor_is_refused_and_the_socket_goes_on(
    gateway: GatewayProcess, user: User, elsewhere: Elsewhere, after: str
) -> None:
    async with open_socket(gateway, user.key) as client:
        await client.say("sync", after=after, ref="s")
        error = await client.error()
        assert (error["code"], error["param"], error["ref"]) == ("bad_cursor", "after", "s")
        await client.say("sync")
        assert (await client.next())["type"] == "running"


async def test_a_ninth_feed_is_refused_on_a_socket_too(
    gateway: GatewayProcess, mongo_url: str, user: User, elsewhere: Elsewhere
) -> None:
    async with contextlib.AsyncExitStack() as devices:
        for _ in range(8):
            await devices.enter_async_context(new_device(gateway, user))
        async with open_socket(gateway, user.key) as client:
            await client.say("sync", ref="s")
            error = await client.error()
            assert (error["code"], error["ref"]) == ("too_many_feeds", "s")
            assert error["retry_after_s"] > 0


async def test_a_stranger_hears_nothing(
    gateway: GatewayProcess, mongo_url: str, user: User, elsewhere: Elsewhere
) -> None:
    stranger = await new_user(mongo_url)
    async with open_socket(gateway, stranger.key) as client:
        await client.say("sync")
        await client.until("running")
        begin = await elsewhere.delete(new_ulid())
        await elsewhere.ask()
        await client.say("ping")
        assert (await client.next())["type"] == "pong"
        await client.say("sync", after=f"c-{begin}")
        await client.say("ping")
        assert (await client.next())["type"] == "pong"
