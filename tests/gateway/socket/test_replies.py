"""Prompts and replies over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.store_client import open_store
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.streams import REPLIES
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.socket.socket_client import (
    Message,
    SocketClient,
    kinds,
    open_socket,
    text_of,
)
from tests.gateway.stand_in_worker import StandInWorker, garbage

PIECES = ("Water", " always", " finds", " 👨‍👩‍👧", ' "a"\n', " way")


Stored = Callable[[str], Awaitable[None]]


@pytest.fixture
async def stored(history: None, mongo_url: str) -> AsyncIterator[Stored]:
    """Waits until the history holds a finished reply."""
    async with open_store(mongo_url) as store:
        rows = store[CHAT_DATABASE][MESSAGES]

        async def wait(reply_id: str) -> None:
            await eventually(
                lambda: rows.find_one({"reply_id": reply_id, "status": "completed"}), bool
            )

        yield wait


async def finished(client: SocketClient, worker: StandInWorker) -> tuple[str, list[Message]]:
    """Let a reply be read to its end; return its id and its messages."""
    reply_id = (await client.prompt(worker.model))["reply_id"]
    await worker.answer(*PIECES)
    return reply_id, await client.until("end", reply_id=reply_id)


async def test_a_prompt_is_accepted_and_its_reply_follows(
    client: SocketClient, worker: StandInWorker
) -> None:
    accepted = await client.prompt(worker.model, params={"max_tokens": 7})
    event = await worker.next_prompt()
    assert (event.client, event.bound, event.temporary) == ("api", False, False)
    assert event.sampling.max_tokens == 7
    assert accepted == {
        "type": "accepted",
        "ref": "r",
        "reply_id": event.reply_id,
        "conversation_id": event.conversation_id,
        "user_message_id": event.user_message_id,
        "assistant_message_id": event.assistant_message_id,
        "omitted_messages": 0,
    }
    writer = await worker.attempt(event)
    for piece in PIECES:
        await writer.say(piece)
        delta = await client.next()
        assert (delta["type"], delta["reply_id"], delta["text"]) == (
            "delta",
            event.reply_id,
            piece,
        )
    await writer.end()
    end = await client.next()
    assert (end["type"], end["status"], end["finish_reason"]) == ("end", "completed", "stop")
    assert end["usage"]["completion_tokens"] == len(PIECES)
    assert end["timings"] == {"queue_ms": 1, "first_token_ms": 2, "total_ms": 3}
    assert end["error"] is None


async def subscribed(
    client: SocketClient, reply_id: str, after: str | None = None
) -> list[Message]:
    """Subscribe, and return what comes up to the end."""
    await client.say("subscribe", reply_id=reply_id, after=after)
    return await client.until("end", reply_id=reply_id)


async def test_a_resume_at_every_cursor_gives_exactly_the_rest(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id, whole = await finished(client, worker)
    assert kinds(whole) == ["delta"] * len(PIECES) + ["end"]
    assert text_of(whole, reply_id) == "".join(PIECES)
    for index, message in enumerate(whole[:-1]):
        rest = await subscribed(client, reply_id, message["cursor"])
        assert [m for m in rest if m["type"] != "caught_up"] == whole[index + 1 :]
        # A client that goes away between the mark and the end comes back for the end.
        assert rest[-2]["type"] == "caught_up"
        assert rest[-2]["cursor"] == whole[-2]["cursor"]
    assert [m for m in await subscribed(client, reply_id) if m["type"] != "caught_up"] == whole


async def test_the_cursors_of_sockets_and_of_event_streams_are_the_same(
    client: SocketClient, worker: StandInWorker, http: httpx.AsyncClient
) -> None:
    reply_id, whole = await finished(client, worker)
    events = await http.get(f"/api/replies/{reply_id}/events")
    shown = [line[4:] for line in events.text.splitlines() if line.startswith("id: ")]
    assert [m["cursor"] for m in whole] == [at for i, at in enumerate(shown) if at not in shown[:i]]


async def test_after_the_end_there_is_nothing_left_and_the_socket_stays_open(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id, whole = await finished(client, worker)
    last = whole[-1]["cursor"]
    await client.say("subscribe", reply_id=reply_id, after=last)
    assert await client.next() == {"type": "caught_up", "reply_id": reply_id, "cursor": last}
    assert await client.next() == {"type": "unsubscribed", "reply_id": reply_id}
    await client.say("ping", ref="still there")
    assert await client.next() == {"type": "pong", "ref": "still there"}


async def test_caught_up_stands_between_what_was_there_and_what_is_live(
    client: SocketClient, worker: StandInWorker, gateway: GatewayProcess, api_key: str
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a", "b")
    async with open_socket(gateway, api_key) as other:
        await other.say("subscribe", reply_id=reply_id)
        seen = await other.until("caught_up")
        assert kinds(seen) == ["delta", "delta", "caught_up"]
        assert seen[-1]["cursor"] == seen[-2]["cursor"]
        await writer.say("c")
        assert (await other.next())["text"] == "c"
        await writer.end()
        assert (await other.next())["type"] == "end"


async def test_a_reply_that_has_not_begun_is_waited_for(
    client: SocketClient, worker: StandInWorker, gateway: GatewayProcess, api_key: str
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    async with open_socket(gateway, api_key) as other:
        await other.say("subscribe", reply_id=reply_id)
        mark = (await other.until("caught_up"))[-1]
        await worker.answer("at last")
        whole = await other.until("end")
        assert text_of(whole, reply_id) == "at last"
        again = await subscribed(other, reply_id, mark["cursor"])
        assert text_of(again, reply_id) == "at last"


async def test_a_takeover_is_a_message_and_what_is_void_is_none(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    event = await worker.next_prompt()
    first = await worker.attempt(event)
    await first.say("one")
    second = await worker.attempt(event, n=2)
    second.texts = list(first.texts)
    await first.say(" zombie")
    await second.say(" two")
    await second.end()
    seen = await client.until("end")
    assert kinds(seen) == ["delta", "attempt", "delta", "end"]
    assert seen[1] == {
        "type": "attempt",
        "reply_id": reply_id,
        "attempt": 2,
        "cursor": seen[1]["cursor"],
    }
    assert text_of(seen, reply_id) == "one two"
    rest = await subscribed(client, reply_id, seen[1]["cursor"])
    assert text_of(rest, reply_id) == " two"


async def test_many_replies_share_a_socket_and_none_disturbs_another(
    client: SocketClient, worker: StandInWorker
) -> None:
    ids_ = [(await client.prompt(worker.model, f"{n}"))["reply_id"] for n in range(10)]
    writers = [await worker.attempt(await worker.next_prompt()) for _ in ids_]
    for turn in range(5):
        for writer in writers:
            await writer.say(f"{writer.prompt.messages[-1].content}.{turn} ")
    for writer in writers:
        await writer.end()
    seen: list[Message] = []
    while kinds(seen).count("end") < len(ids_):
        seen.append(await client.next())
    for n, reply_id in enumerate(ids_):
        assert text_of(seen, reply_id) == "".join(f"{n}.{turn} " for turn in range(5))


async def test_a_second_subscription_to_a_reply_restarts_it_where_it_says(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a", "b", "c")
    first = [await client.next() for _ in range(3)]
    assert text_of(first, reply_id) == "abc"
    await client.say("subscribe", reply_id=reply_id, after=first[0]["cursor"])
    assert text_of(await client.until("caught_up"), reply_id) == "bc"
    await writer.say("d")
    await writer.end()
    # And only once: the earlier subscription is over.
    assert kinds(await client.until("end")) == ["delta", "end"]
    await client.say("ping")
    assert await client.next() == {"type": "pong", "ref": None}


async def test_unsubscribing_stops_the_messages_and_not_the_reply(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a")
    seen = await client.until("delta")
    await client.say("unsubscribe", reply_id=reply_id)
    assert await client.next() == {"type": "unsubscribed", "reply_id": reply_id}
    await eventually(lambda: worker.subscribers_of(reply_id), lambda count: count == 0)
    await writer.say("b")
    await client.say("ping")
    assert (await client.next())["type"] == "pong"
    await writer.end()
    rest = await subscribed(client, reply_id, seen[-1]["cursor"])
    assert text_of(rest, reply_id) == "b"
    await client.say("unsubscribe", reply_id=reply_id)
    assert await client.next() == {"type": "unsubscribed", "reply_id": reply_id}


async def test_an_expired_log_is_served_from_the_store_from_any_cursor(
    client: SocketClient, worker: StandInWorker, stored: Stored
) -> None:
    reply_id, whole = await finished(client, worker)
    await stored(reply_id)
    await worker.broker.jetstream().purge_stream(REPLIES, subject=subjects.reply(reply_id))
    again = await subscribed(client, reply_id)
    assert kinds(again) == ["delta", "caught_up", "end"]
    assert text_of(again, reply_id) == "".join(PIECES)
    assert again[-1]["status"] == "completed"
    rest = await subscribed(client, reply_id, whole[2]["cursor"])
    assert text_of(rest, reply_id) == "".join(PIECES[3:])
    for known in (again, rest):
        # A client whose socket breaks before the end has the text, and comes back for the end.
        last = await subscribed(client, reply_id, known[0]["cursor"])
        assert kinds(last) == ["caught_up", "end"]
        await client.say("subscribe", reply_id=reply_id, after=known[-1]["cursor"])
        assert (await client.until("unsubscribed"))[-1]["reply_id"] == reply_id


async def test_a_repeated_prompt_is_the_same_reply_from_its_start(
    client: SocketClient, worker: StandInWorker, gateway: GatewayProcess, api_key: str
) -> None:
    key = f"again-{worker.model}"
    accepted = await client.prompt(worker.model, "Once", idempotency_key=key)
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a", "b")
    await client.until("delta", text="b")
    async with open_socket(gateway, api_key) as other:
        again = await other.prompt(worker.model, "Once", idempotency_key=key)
        assert again == accepted
        assert text_of(await other.until("delta", text="b"), again["reply_id"]) == "ab"
        # On a socket that reads it already, too.
        assert await client.prompt(worker.model, "Once", idempotency_key=key) == accepted
        assert text_of(await client.until("delta", text="b"), again["reply_id"]) == "ab"
        await writer.say("c")
        await writer.end()
        assert text_of(await other.until("end"), again["reply_id"]) == "c"
        assert text_of(await client.until("end"), again["reply_id"]) == "c"
    await client.say("prompt", ref="x", model=worker.model, content="Twice", idempotency_key=key)
    error = await client.error()
    assert (error["code"], error["ref"]) == ("idempotency_key_reused", "x")


async def test_a_prompt_that_was_sent_on_a_socket_may_be_repeated_over_http(
    client: SocketClient, worker: StandInWorker, http: httpx.AsyncClient
) -> None:
    key = f"both-{worker.model}"
    params = {"max_tokens": 5, "temperature": 0}
    accepted = await client.prompt(worker.model, "Once", params=params, idempotency_key=key)
    repeated = await http.post(
        "/api/prompts",
        json={"params": params, "content": "Once", "model": worker.model},
        headers={"Idempotency-Key": key},
    )
    assert repeated.status_code == 202
    assert repeated.json()["reply_id"] == accepted["reply_id"]


@pytest.mark.usefixtures("history")
async def test_a_conversation_goes_on(client: SocketClient, worker: StandInWorker) -> None:
    first = await client.prompt(worker.model, "One?")
    await worker.answer("1")
    await client.until("end")
    await client.prompt(worker.model, "Two?", conversation_id=first["conversation_id"])
    asked = (await worker.answer("2")).prompt
    assert [message.content for message in asked.messages] == ["One?", "1", "Two?"]
    assert asked.parent_id == first["assistant_message_id"]


async def test_a_temporary_conversation_goes_on(
    client: SocketClient, worker: StandInWorker
) -> None:
    first = await client.prompt(worker.model, "One?", temporary=True)
    await worker.answer("1")
    await client.until("end")
    await client.prompt(
        worker.model,
        "Two?",
        temporary=True,
        conversation_id=first["conversation_id"],
        parent_id=first["assistant_message_id"],
    )
    asked = (await worker.answer("2")).prompt
    assert [message.content for message in asked.messages] == ["One?", "1", "Two?"]
    assert asked.temporary


async def test_the_query_says_what_kind_of_client_it_is(
    gateway: GatewayProcess, api_key: str, worker: StandInWorker
) -> None:
    async with open_socket(gateway, api_key, "?client=mobile") as client:
        await client.prompt(worker.model)
        assert (await worker.next_prompt()).client == "mobile"


async def test_a_cancel_ends_the_reply_for_its_readers_and_is_answered(
    client: SocketClient, worker: StandInWorker
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    await client.say("cancel", reply_id=reply_id, ref="stop")
    by_type: dict[str, Any] = {}
    for _ in range(2):
        message = await client.next()
        by_type[message["type"]] = message
    assert by_type["cancelled"] == {
        "type": "cancelled",
        "ref": "stop",
        "reply_id": reply_id,
        "status": "cancelled",
        "slot_free": True,
    }
    assert by_type["end"]["status"] == "cancelled"
    await client.say("cancel", reply_id=reply_id)
    assert (await client.next())["ref"] is None


async def test_what_a_stranger_cannot_have_is_not_found(client: SocketClient) -> None:
    foreign = ids.new_reply_id(b"another secret", ids.new_user_id())
    for reply_id in (foreign, "*", ">", "x" * 36, "A" * 36, f"{foreign[:-1]}*", ""):
        for kind in ("subscribe", "unsubscribe", "cancel"):
            await client.say(kind, reply_id=reply_id)
            error = await client.error()
            assert (error["code"], error["reply_id"]) == ("not_found", reply_id)


@pytest.mark.parametrize(
    "cursor", ["nonsense", "", "AAAAAA.1.1.1.1", "{tail}.99999999.1.1.1", "{tail}.1.1.1.1"]
)
async def test_a_cursor_that_is_none_of_the_reply_is_refused(
    client: SocketClient, worker: StandInWorker, cursor: str
) -> None:
    await finished(client, worker)
    reply_id, _ = await finished(client, worker)
    await client.say("subscribe", reply_id=reply_id, after=cursor.format(tail=reply_id[-6:]))
    error = await client.error()
    assert (error["code"], error["reply_id"]) == ("bad_cursor", reply_id)
    assert len(await subscribed(client, reply_id)) == len(PIECES) + 2


async def test_a_reply_that_waits_shows_its_place_in_the_queue(
    client: SocketClient, worker: StandInWorker, gateway: GatewayProcess, api_key: str
) -> None:
    first = (await client.prompt(worker.model))["reply_id"]
    second = (await client.prompt(worker.model))["reply_id"]
    async with open_socket(gateway, api_key) as other:
        await other.say("subscribe", reply_id=second)
        for reader in (client, other):
            await shown(reader, second, 2)
        await (await worker.attempt(await worker.next_prompt())).end()
        for reader in (client, other):
            await shown(reader, second, 1)
        await worker.answer("at last")
        assert text_of(await other.until("end", reply_id=second), second) == "at last"
    assert all(place["eta_s"] is None or place["eta_s"] >= 0 for place in client.places)
    assert {place["reply_id"] for place in client.places} <= {first, second}


async def shown(client: SocketClient, reply_id: str, position: int) -> None:
    """Read until the reply's place is this one."""
    while not any(
        (place["reply_id"], place["position"]) == (reply_id, position) for place in client.places
    ):
        await client.say("ping")
        await client.next()
        await asyncio.sleep(0.02)


async def test_a_log_that_cannot_be_read_to_its_end_is_completed_from_the_store(
    client: SocketClient, worker: StandInWorker, stored: Stored
) -> None:
    reply_id = (await client.prompt(worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a")
    await writer.publish(garbage())
    writer.texts.append("lost")
    await writer.end()
    await stored(reply_id)
    seen = await client.until("end")
    assert text_of(seen, reply_id) == "alost"
    assert seen[-1]["status"] == "completed"
    await client.say("ping")
    assert (await client.next())["type"] == "pong"
