"""Prompts and their event streams through a real gateway process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.store_client import open_store
from schemas import ids, subjects
from schemas.cursor import format_cursor, parse_cursor
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.events import PromptSubmitted
from schemas.streams import REPLIES
from tests.gateway.event_reading import Event, events_of, read_reply, text_of
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker

PIECES = ("Water", " always", " finds", " 👨‍👩‍👧", ' "a"\n', " way")


Stored = Callable[[str], Awaitable[None]]


@pytest.fixture
async def stored(mongo_url: str) -> AsyncIterator[Stored]:
    """Waits until the history holds a finished reply."""
    async with open_store(mongo_url) as store:
        rows = store[CHAT_DATABASE][MESSAGES]

        async def wait(reply_id: str) -> None:
            await eventually(
                lambda: rows.find_one({"reply_id": reply_id, "status": "completed"}), bool
            )

        yield wait


async def prompt(http: httpx.AsyncClient, model: str, content: str = "Hello", **more: Any) -> Any:
    response = await http.post("/api/prompts", json={"model": model, "content": content, **more})
    assert response.status_code == 202, response.text
    assert response.headers["x-reply-id"] == response.json()["reply_id"]
    return response.json()


async def finished_reply(http: httpx.AsyncClient, worker: StandInWorker) -> str:
    reply_id: str = (await prompt(http, worker.model))["reply_id"]
    await worker.answer(*PIECES)
    return reply_id


async def test_a_reply_is_read_live_to_its_end(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    accepted = await prompt(http, worker.model, params={"max_tokens": 7})
    event = await worker.next_prompt()
    assert (event.client, event.bound, event.temporary) == ("api", False, False)
    assert event.sampling.max_tokens == 7
    assert event.conversation_id == accepted["conversation_id"]
    assert event.user_message_id == accepted["user_message_id"]
    assert event.assistant_message_id == accepted["assistant_message_id"]
    async with http.stream("GET", f"/api/replies/{accepted['reply_id']}/events") as response:
        events = events_of(response)
        assert (await anext(events)).name == "caught_up"
        writer = await worker.attempt(event)
        for piece in PIECES:
            await writer.say(piece)
            assert (await anext(events)).data == {"delta": piece, "done": False}
        await writer.end()
        done = await anext(events)
        assert [event async for event in events] == []
    assert done.data["done"] is True
    assert done.data["status"] == "completed"
    assert done.data["usage"]["completion_tokens"] == len(PIECES)
    assert done.data["timings"] == {"queue_ms": 1, "first_token_ms": 2, "total_ms": 3}
    assert done.data["error"] is None


async def test_a_resume_at_every_cursor_gives_exactly_the_rest(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await finished_reply(http, worker)
    whole = messages(await read_reply(http, reply_id))
    assert text_of(whole) == "".join(PIECES)
    assert len(whole) == len(PIECES) + 1
    for index, event in enumerate(whole[:-1]):
        assert messages(await read_reply(http, reply_id, event.event_id)) == whole[index + 1 :]
        query = await http.get(f"/api/replies/{reply_id}/events?after={event.event_id}")
        assert query.text.count("\nid: ") + query.text.startswith("id: ") == len(whole) - index - 1


async def test_last_event_id_wins_over_after(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await finished_reply(http, worker)
    whole = messages(await read_reply(http, reply_id))
    response = await http.get(
        f"/api/replies/{reply_id}/events",
        params={"after": whole[0].event_id},
        headers={"Last-Event-ID": str(whole[-2].event_id)},
    )
    assert response.text.count('"done":false') == 0


async def test_after_the_last_event_there_is_nothing_to_come_back_for(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = await finished_reply(http, worker)
    last = (await read_reply(http, reply_id))[-1].event_id
    assert last is not None
    response = await http.get(f"/api/replies/{reply_id}/events", headers={"Last-Event-ID": last})
    assert response.status_code == 204


async def test_a_takeover_is_an_event_and_what_is_void_is_none(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = (await prompt(http, worker.model))["reply_id"]
    event = await worker.next_prompt()
    first = await worker.attempt(event)
    await first.say("one")
    second = await worker.attempt(event, n=2)
    second.texts = list(first.texts)
    await first.say(" zombie")
    await second.say(" two")
    await second.end()
    events = await read_reply(http, reply_id)
    names = [event.name for event in events]
    assert names == ["message", "attempt", "message", "caught_up", "message"]
    assert events[1].data == {"attempt": 2}
    assert text_of(events) == "one two"


async def test_caught_up_stands_between_what_was_there_and_what_is_live(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    reply_id = (await prompt(http, worker.model))["reply_id"]
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("a", "b")
    async with http.stream("GET", f"/api/replies/{reply_id}/events") as response:
        events = events_of(response)
        names = [(await anext(events)).name for _ in range(3)]
        assert names == ["message", "message", "caught_up"]
        await writer.say("c")
        assert (await anext(events)).data["delta"] == "c"
        await writer.end()
        assert (await anext(events)).data["done"] is True


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "AAAAAA.1.1.1.1",
        "{tail}.99999999.1.1.1",
        "{tail}.1.1.1.1",
        "{tail}.-1.1.1.1",
        "{tail}." + "9" * 30 + ".1.1.1",
    ],
)
async def test_a_cursor_that_is_none_of_the_reply_is_refused(
    http: httpx.AsyncClient, worker: StandInWorker, cursor: str
) -> None:
    await finished_reply(http, worker)
    reply_id = await finished_reply(http, worker)
    text = cursor.format(tail=reply_id[-6:])
    response = await http.get(f"/api/replies/{reply_id}/events", headers={"Last-Event-ID": text})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_cursor"


async def test_another_users_or_an_invented_reply_is_not_found(http: httpx.AsyncClient) -> None:
    foreign = ids.new_reply_id(b"another secret", ids.new_user_id())
    for reply_id in (foreign, "*", ">", "x" * 36, "A" * 36, f"{foreign[:-1]}*"):
        response = await http.get(f"/api/replies/{reply_id}/events")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


async def test_a_queued_reply_is_waited_for(
    http: httpx.AsyncClient, worker: StandInWorker, history: None
) -> None:
    reply_id = (await prompt(http, worker.model))["reply_id"]
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read_reply(http, reply_id))
        await worker.answer("at last")
    assert text_of(reading.result()) == "at last"


@pytest.mark.usefixtures("history")
async def test_an_expired_log_is_served_from_the_store(
    http: httpx.AsyncClient, worker: StandInWorker, stored: Stored
) -> None:
    reply_id = await finished_reply(http, worker)
    events = messages(await read_reply(http, reply_id))
    await stored(reply_id)
    await worker.broker.jetstream().purge_stream(REPLIES, subject=subjects.reply(reply_id))
    whole = await read_reply(http, reply_id)
    assert text_of(whole) == "".join(PIECES)
    assert whole[-1].data["status"] == "completed"
    # A connection that breaks after the text needs the end only; after that nothing comes.
    assert text_of(await read_reply(http, reply_id, whole[-2].event_id)) == ""
    again = await http.get(
        f"/api/replies/{reply_id}/events", headers={"Last-Event-ID": str(whole[-1].event_id)}
    )
    assert again.status_code == 204
    rest = await read_reply(http, reply_id, events[2].event_id)
    assert text_of(rest) == "".join(PIECES[3:])
    last = await http.get(
        f"/api/replies/{reply_id}/events", headers={"Last-Event-ID": str(events[-1].event_id)}
    )
    assert last.status_code == 204
    future = parse_cursor(reply_id, str(events[2].event_id))
    beyond = future._replace(state=future.state._replace(characters=10_000))
    refused = await http.get(
        f"/api/replies/{reply_id}/events",
        headers={"Last-Event-ID": format_cursor(reply_id, beyond)},
    )
    assert refused.status_code == 400


@pytest.mark.usefixtures("history")
async def test_a_log_without_its_beginning_is_served_from_the_store(
    http: httpx.AsyncClient, worker: StandInWorker, stored: Stored
) -> None:
    reply_id = await finished_reply(http, worker)
    await stored(reply_id)
    frames = await worker.log.read(reply_id)
    await worker.broker.jetstream().purge_stream(
        REPLIES, subject=subjects.reply(reply_id), seq=frames[2].sequence
    )
    assert len(await worker.log.read(reply_id)) == len(frames) - 2
    events = await read_reply(http, reply_id)
    assert text_of(events) == "".join(PIECES)


@pytest.mark.usefixtures("history")
async def test_a_conversation_goes_on_from_its_newest_reply_or_from_any(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await prompt(http, worker.model, "One?")
    await worker.answer("1")
    await read_reply(http, first["reply_id"])
    conversation = first["conversation_id"]
    second = await prompt(http, worker.model, "Two?", conversation_id=conversation)
    asked = (await worker.answer("2")).prompt
    assert contents(asked) == ["One?", "1", "Two?"]
    assert asked.parent_id == first["assistant_message_id"]
    await prompt(
        http,
        worker.model,
        "Two again?",
        conversation_id=conversation,
        parent_id=first["assistant_message_id"],
    )
    assert contents((await worker.answer("zwei")).prompt) == ["One?", "1", "Two again?"]
    await prompt(http, worker.model, "Begin?", conversation_id=conversation, parent_id="")
    beginning = (await worker.answer("B")).prompt
    assert (contents(beginning), beginning.parent_id) == (["Begin?"], None)
    wrong = {"model": worker.model, "content": "x", "conversation_id": conversation}
    of_user = await http.post(
        "/api/prompts", json={**wrong, "parent_id": second["user_message_id"]}
    )
    assert of_user.status_code == 400
    missing = await http.post("/api/prompts", json={**wrong, "parent_id": ids.new_ulid()})
    assert (missing.status_code, missing.json()["error"]["param"]) == (404, "parent_id")


@pytest.mark.usefixtures("history")
async def test_a_reply_that_is_not_finished_cannot_be_answered(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    first = await prompt(http, worker.model, "One?")
    body = {
        "model": worker.model,
        "content": "Two?",
        "conversation_id": first["conversation_id"],
        "parent_id": first["assistant_message_id"],
    }
    writer = await worker.attempt(await worker.next_prompt())
    early = await http.post("/api/prompts", json=body)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "parent_not_ready")
    assert early.headers["retry-after"] == "1"
    await writer.say("1")
    await writer.end()
    await prompt(http, **{**body, "model": worker.model})


async def test_a_repeated_prompt_returns_the_same_ids(
    http: httpx.AsyncClient, worker: StandInWorker
) -> None:
    body = {"model": worker.model, "content": "Once"}
    headers = {"Idempotency-Key": f"native-{worker.model}"}
    first = await http.post("/api/prompts", json=body, headers=headers)
    again = await http.post("/api/prompts", json=body, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()


async def test_logs_name_the_reply_and_never_its_text(
    http: httpx.AsyncClient, worker: StandInWorker, gateway: GatewayProcess
) -> None:
    secret = f"secret-{worker.model}"
    accepted = await prompt(http, worker.model, secret)
    await worker.answer(f"answer {secret}")
    await read_reply(http, accepted["reply_id"])
    text = gateway.log_path.read_text()
    assert secret not in text
    for event in ("prompt_accepted", "request", "stream_closed"):
        assert accepted["reply_id"] in {line.get("reply_id") for line in gateway.lines(event)}


def messages(events: list[Event]) -> list[Event]:
    return [event for event in events if event.name != "caught_up"]


def contents(prompt: PromptSubmitted) -> list[str]:
    return [message.content for message in prompt.messages]
