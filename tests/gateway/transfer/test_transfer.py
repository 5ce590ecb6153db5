"""Import and export through the real gateway, broker, consumer and store."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from gateway.openapi import openapi_document
from gateway.store_client import open_store
from schemas.broker import connect
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES
from schemas.streams import CHAT, HISTORY_CONSUMER
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.test_openapi import matches
from tests.gateway.transfer.samples import chatgpt, message, node, own, own_conversation
from tests.gateway.users import User, new_user

pytestmark = pytest.mark.usefixtures("follows")
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def follows(nats_url: str, history: None) -> None:
    """The history's consumer is there, so what was done can be waited for."""
    del history
    asyncio.run(_consumer_of_history(nats_url))


async def _consumer_of_history(nats_url: str) -> None:
    broker = await connect(nats_url, "test")
    try:
        answer = f"$JS.API.CONSUMER.INFO.{CHAT}.{HISTORY_CONSUMER}"
        await eventually(
            lambda: broker.request(answer, b"", timeout=2), lambda info: b'"error"' not in info.data
        )
    finally:
        await broker.close()


@pytest.fixture
async def user(mongo_url: str) -> User:
    return await new_user(mongo_url)


@pytest.fixture
async def mine(gateway: GatewayProcess, user: User) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a user who has nothing yet."""
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=90) as client:
        yield client


@pytest.fixture
async def theirs(gateway: GatewayProcess, mongo_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of somebody else."""
    user = await new_user(mongo_url)
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=90) as client:
        yield client


async def bring(client: httpx.AsyncClient, file: Any, key: str | None = None) -> dict[str, Any]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await client.post("/api/import", json=file, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def everything(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/api/export")
    assert answer.status_code == 200
    return list(answer.json()["conversations"])


def without_ids(conversation: dict[str, Any]) -> dict[str, Any]:
    """Return a conversation in which a message's id is the path of texts that leads to it."""
    by_id = {sent["id"]: sent for sent in conversation["messages"]}
    paths: dict[str | None, tuple[str, ...]] = {None: ()}

    def path(message_id: str | None) -> tuple[str, ...]:
        if message_id not in paths:
            sent = by_id[str(message_id)]
            paths[message_id] = (*path(sent["parent_id"]), sent["content"])
        return paths[message_id]

    kept = ("role", "model", "created_at_ms")
    tree = {path(i): {name: sent[name] for name in kept} for i, sent in by_id.items()}
    plain = {k: v for k, v in conversation.items() if k not in ("id", "messages", "leaf_id")}
    return {**plain, "tree": tree, "leaf": path(conversation["leaf_id"])}


def by_title(conversations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {conversation["title"]: without_ids(conversation) for conversation in conversations}


async def test_what_is_exported_and_imported_is_exported_again(
    mine: httpx.AsyncClient, theirs: httpx.AsyncClient
) -> None:
    report = await bring(mine, own(own_conversation()))
    assert report == {"conversations": 1, "messages": 5, "skipped": [], "skipped_total": 0}
    await bring(mine, [chatgpt()])
    await bring(mine, own(own_conversation(messages=[], title="empty", archived=True)))
    exported = await mine.get("/api/export")
    matches("ExportedConversations", exported)
    assert exported.headers["content-disposition"].startswith('attachment; filename="rivulet')
    first = exported.json()["conversations"]
    assert [c["title"] for c in first].count("The <b>weather</b>") == 1
    assert {without_ids(c)["leaf"] for c in first} == {
        (),
        ("How warm is it?", "Quite warm."),
        ("Hello\0 # you", "```\nnot closed"),
    }
    await bring(theirs, exported.json())
    second = await everything(theirs)
    assert by_title(second) == by_title(first)
    assert not {c["id"] for c in first} & {c["id"] for c in second}


@pytest.mark.parametrize("title", [None, "", "  "])
async def test_an_import_without_a_title_is_called_by_its_first_question(
    mine: httpx.AsyncClient, title: str | None
) -> None:
    said = [
        message("m1", None, "user", "How warm\nis it?"),
        message("m2", "m1", "assistant", "No."),
    ]
    await bring(mine, own(own_conversation(title=title, messages=said)))
    (conversation,) = await everything(mine)
    assert conversation["title"] == "How warm is it?"


async def test_parents_come_before_their_children_also_where_times_are_equal(
    mine: httpx.AsyncClient,
) -> None:
    same = own_conversation()
    sent = same["messages"]
    for one in sent:
        one["created_at_ms"] = 1_700_000_000_000
    # The repeat has other ids, and so another order among equals.
    for key in ("a", "b", "c"):
        await bring(mine, own(same), key)
    for conversation in await everything(mine):
        opened = (await mine.get(f"/api/conversations/{conversation['id']}")).json()["messages"]
        shown = [(m["message_id"], m["parent_id"]) for m in opened]
        for pairs in ([(m["id"], m["parent_id"]) for m in conversation["messages"]], shown):
            seen: set[str | None] = {None}
            for message_id, parent_id in pairs:
                assert parent_id in seen
                seen.add(message_id)
            assert len(seen) == len(sent) + 1


async def test_one_conversation_is_a_file_for_its_owner_alone(
    mine: httpx.AsyncClient, theirs: httpx.AsyncClient
) -> None:
    await bring(mine, own(own_conversation()))
    (conversation,) = await everything(mine)
    path = f"/api/conversations/{conversation['id']}/export"
    as_json = await mine.get(path)
    assert as_json.json()["conversations"] == [conversation]
    assert as_json.headers["content-disposition"] == (
        'attachment; filename="Ein-Gesprach-i.json"; '
        "filename*=UTF-8''Ein%20Gespr%C3%A4ch%20%F0%9F%8C%8A%20i.json"
    )
    markdown = await mine.get(path, params={"format": "markdown"})
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert markdown.text.startswith("# Ein Gespräch 🌊 \\<i\\>\n\n<!-- system -->\n## System\n\n")
    assert "\n## User\n\nHello\0 # you\n" in markdown.text
    assert "\n## Assistant (org/model)\n\n~~~text\n```\nnot closed\n~~~\n" in markdown.text
    assert "another answer" not in markdown.text
    for form in ("json", "markdown"):
        stranger = await theirs.get(path, params={"format": form})
        assert (stranger.status_code, stranger.json()["error"]["code"]) == (404, "not_found")
    refused = await mine.get(path, params={"format": "pdf"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "format")
    for nothing in ("01KAHV3Y6Q0M9D4T8S2R5W7X1Z", "*", "%00", "..%2f"):
        assert (await mine.get(f"/api/conversations/{nothing}/export")).status_code == 404


async def test_nobody_comes_in_without_a_key(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        assert (await stranger.get("/api/export")).status_code == 401
        assert (await stranger.post("/api/import", json=[])).status_code == 401


async def test_an_export_of_nothing_is_a_file(mine: httpx.AsyncClient) -> None:
    assert await everything(mine) == []


async def test_a_repeat_with_its_key_imports_nothing_twice(
    mine: httpx.AsyncClient, mongo_url: str, user: User
) -> None:
    file = [chatgpt(), chatgpt(conversation_id="c-2"), chatgpt(conversation_id=None)]
    reports = [await bring(mine, file, "the key") for _ in range(2)]
    assert reports[0] == reports[1]
    assert (reports[0]["conversations"], reports[0]["messages"]) == (3, 15)
    assert await counts(mongo_url, user) == (3, 15)
    # Without a key, and with another, it is another import.
    await bring(mine, file)
    await bring(mine, file, "another key")
    assert await counts(mongo_url, user) == (9, 45)


async def test_a_key_with_a_larger_file_brings_what_is_new(mine: httpx.AsyncClient) -> None:
    await bring(mine, [chatgpt()], "key")
    larger = chatgpt()
    larger["mapping"]["q3"] = node("a3", "user", "Thanks.")
    await bring(mine, [larger], "key")
    (conversation,) = await everything(mine)
    assert len(conversation["messages"]) == 6


async def counts(mongo_url: str, user: User) -> tuple[int, int]:
    async with open_store(mongo_url) as store:
        database = store[CHAT_DATABASE]
        same = {"user_id": user.user_id}
        return (
            len(await database[CONVERSATIONS].find(same).to_list()),
            len(await database[MESSAGES].find(same).to_list()),
        )


async def test_what_is_left_out_is_told_with_its_place_and_reason(mine: httpx.AsyncClient) -> None:
    empty = {"s": node(None, "system", "Be nice.")}
    report = await bring(
        mine, [7, chatgpt(mapping=empty, title="<i>x</i>"), chatgpt(), {"title": "no mapping"}]
    )
    assert (report["conversations"], report["skipped_total"]) == (1, 3)
    assert report["skipped"] == [
        {
            "index": 0,
            "title": "",
            "reason": "It has no `mapping`, so it is no conversation of ChatGPT's.",
        },
        {
            "index": 1,
            "title": "<i>x</i>",
            "reason": "It holds no text of a user or an assistant.",
        },
        {
            "index": 3,
            "title": "no mapping",
            "reason": "It has no `mapping`, so it is no conversation of ChatGPT's.",
        },
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"\xff{}", "invalid_json"),
        (b"[]", "invalid_value"),
        (b"{}", "invalid_value"),
        (b"[1, {}, []]", "invalid_value"),
        (b"[" * 100_000, "invalid_value"),
        (b'{"format":"rivulet.conversations","version":2,"conversations":[]}', "invalid_value"),
    ],
)
async def test_a_file_of_no_known_kind_is_refused(
    mine: httpx.AsyncClient, body: bytes, code: str
) -> None:
    refused = await mine.post("/api/import", content=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    matches("ErrorResponse", refused)


async def test_a_file_of_another_kind_is_told_which_are_understood(
    mine: httpx.AsyncClient,
) -> None:
    for file in ({}, [1], {"format": "else"}):
        message = (await mine.post("/api/import", json=file)).json()["error"]["message"]
        assert "rivulet.conversations" in message
        assert "ChatGPT" in message


async def test_a_file_that_is_too_large_is_refused_with_a_sentence(
    mine: httpx.AsyncClient,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * MIB

    for content in (b" " * (33 * MIB), pieces()):
        refused = await mine.post("/api/import", content=content)
        assert refused.status_code == 413
        assert "32 MiB" in refused.json()["error"]["message"]


async def test_deep_nesting_within_a_conversation_costs_that_conversation_at_most(
    mine: httpx.AsyncClient,
) -> None:
    good = msgspec.json.encode(chatgpt())
    deep = b'{"mapping":{"a":' + b"[" * 900 + b"]" * 900 + b"}}"
    answer = await mine.post("/api/import", content=b"[" + deep + b"," + good + b"]")
    assert answer.status_code == 200, answer.text
    assert answer.json()["conversations"] == 1


async def test_a_message_over_the_brokers_limit_is_left_out(mine: httpx.AsyncClient) -> None:
    sent = own_conversation(
        messages=[
            message("m1", None, "user", "x" * (9 * MIB)),
            message("m2", "m1", "assistant", "y" * (3 * MIB)),
        ]
    )
    report = await bring(mine, own(sent))
    assert report["skipped"][0]["reason"] == ("Imported without 1 message(s) that are too large.")
    (conversation,) = await everything(mine)
    assert [len(m["content"]) for m in conversation["messages"]] == [3 * MIB]


async def test_ten_megabytes_are_imported_and_can_be_read(mine: httpx.AsyncClient) -> None:
    text = "All work and no play, said the river. " * 100
    file = [
        chatgpt(
            conversation_id=f"c-{number}",
            title=f"Conversation {number}",
            mapping={
                f"n{i}": node(
                    f"n{i - 1}" if i else None,
                    "assistant" if i % 2 else "user",
                    f"{number} {i} {text}",
                )
                for i in range(26)
            },
        )
        for number in range(100)
    ]
    assert len(msgspec.json.encode(file)) > 10_000_000
    began_at = time.monotonic()
    report = await bring(mine, file)
    took = time.monotonic() - began_at
    assert (report["conversations"], report["messages"]) == (100, 2_600)
    assert took < 60
    found = await eventually(lambda: everything(mine), lambda all_: len(all_) == 100)
    assert {len(c["messages"]) for c in found} == {26}


async def test_an_export_holds_each_of_many_conversations_once(
    mine: httpx.AsyncClient, mongo_url: str, user: User
) -> None:
    """Also where ranks are equal: a page of one rank is followed by a larger one."""
    file = [own_conversation(id=f"c{i}", messages=[], created_at_ms=0) for i in range(130)]
    assert (await bring(mine, own(*file)))["conversations"] == 130
    found = await eventually(lambda: everything(mine), lambda all_: len(all_) == 130)
    assert len({c["id"] for c in found}) == 130
    async with open_store(mongo_url) as store:
        conversations = store[CHAT_DATABASE][CONVERSATIONS]
        await conversations.update_many({"user_id": user.user_id}, {"$set": {"rank": 7}})
    assert {c["id"] for c in await everything(mine)} == {c["id"] for c in found}


async def test_an_export_that_fails_does_not_look_like_a_whole_file(
    mine: httpx.AsyncClient, mongo_url: str, user: User
) -> None:
    await bring(mine, own(own_conversation()))
    async with open_store(mongo_url) as store:
        messages = store[CHAT_DATABASE][MESSAGES]
        await messages.update_many({"user_id": user.user_id}, {"$unset": {"content": ""}})
    with pytest.raises(httpx.TransportError):
        await mine.get("/api/export")


def test_the_document_describes_both_forms_of_an_export() -> None:
    path = openapi_document()["paths"]["/api/conversations/{conversation_id}/export"]
    content = path["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/markdown"}
