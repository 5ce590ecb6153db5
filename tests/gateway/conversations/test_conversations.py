"""People list, open, change, share, search and delete their conversations over HTTP.

Every read follows its write at once: nothing here waits for the history.
"""

from typing import Any

import httpx
import pytest

from tests.analytics.consumer_process import eventually
from tests.gateway.conversations.conftest import Talker
from tests.gateway.gateway_process import GatewayProcess


async def test_what_was_said_is_there_at_once(ada: Talker) -> None:
    said = await ada.ask("What is a frame?")
    pending = await ada.open(said["conversation_id"])
    await ada.worker.answer("A ", "picture.")
    done = await ada.open(said["conversation_id"])

    assert [m["status"] for m in pending["messages"]] == ["sent", "pending"]
    assert pending["messages"][1]["reply_id"] == said["reply_id"]
    assert [m["content"] for m in done["messages"]] == ["What is a frame?", "A picture."]
    assert done["branch"] == [said["user_message_id"], said["assistant_message_id"]]
    assert done["conversation"]["title"] == "What is a frame?"
    assert await ada.titles() == ["What is a frame?"]


async def test_edits_and_regenerations_are_siblings_and_the_chosen_branch_is_remembered(
    ada: Talker,
) -> None:
    first = await ada.talk("One?", "1")
    same = {"conversation_id": first["conversation_id"]}
    second = await ada.talk("Two?", "2", **same)
    edited = await ada.talk("Too?", "two", parent_id=first["assistant_message_id"], **same)
    branch_of_edit = (await ada.open(first["conversation_id"]))["branch"]

    path = f"/api/conversations/{first['conversation_id']}"
    await ada.http.patch(path, json={"leaf_id": second["user_message_id"]})
    opened = await ada.open(first["conversation_id"])

    assert branch_of_edit[-1] == edited["assistant_message_id"]
    assert opened["branch"] == [
        first["user_message_id"],
        first["assistant_message_id"],
        second["user_message_id"],
        second["assistant_message_id"],
    ]
    parents = {m["message_id"]: m["parent_id"] for m in opened["messages"]}
    assert parents[edited["user_message_id"]] == parents[second["user_message_id"]]
    assert len(opened["messages"]) == 6


async def test_pages_hold_every_conversation_once_newest_first_after_the_pinned(
    ada: Talker,
) -> None:
    made = [
        (await ada.http.post("/api/conversations", json={"title": f"t{n}"})).json()
        for n in range(7)
    ]
    for number in (1, 4):
        path = f"/api/conversations/{made[number]['conversation_id']}"
        assert (await ada.http.patch(path, json={"pinned": True})).json()["pinned"]
    await ada.http.patch(
        f"/api/conversations/{made[6]['conversation_id']}", json={"archived": True}
    )

    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await ada.http.get("/api/conversations", params=query)).json()
        seen += [entry["title"] for entry in page["data"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert seen == ["t4", "t1", "t5", "t3", "t2", "t0"]
    assert await ada.titles(archived="true") == ["t6"]


async def test_a_conversation_is_made_and_changed_with_its_defaults(ada: Talker) -> None:
    made = await ada.http.post(
        "/api/conversations",
        json={"title": "Maths", "system": "Be short.", "params": {"temperature": 0.5}},
    )
    path = f"/api/conversations/{made.json()['conversation_id']}"
    changed = await ada.http.patch(
        path, json={"title": "<b>Sums</b>", "model": "m", "params": {"top_k": 3}}
    )

    assert made.status_code == 201
    assert made.json()["params"] == {"temperature": 0.5}
    shown = (await ada.http.get(path)).json()["conversation"]
    assert shown == changed.json()
    assert (shown["title"], shown["model"], shown["system"]) == ("<b>Sums</b>", "m", "Be short.")
    assert shown["params"] == {"top_k": 3}


async def test_a_search_finds_words_and_phrases_in_titles_and_messages(
    ada: Talker, bob: Talker
) -> None:
    talk = await ada.talk("Where does the heron nest?", "In tall trees beside slow water.")
    await ada.http.post("/api/conversations", json={"title": "Slow cooking of water"})
    await bob.talk("Slow water?", "Slow water.")

    async def found(text: str) -> list[tuple[str, bool, int]]:
        answer = await ada.http.get("/api/search", params={"q": text})
        assert answer.status_code == 200, answer.text
        return [
            (hit["conversation"]["title"], hit["by_title"], len(hit["messages"]))
            for hit in answer.json()["data"]
        ]

    heron, cooking = "Where does the heron nest?", "Slow cooking of water"
    assert await found("heron") == [(heron, True, 1)]
    assert await found('"slow water"') == [(heron, False, 1)]
    assert await found("water slow") == [(cooking, True, 0), (heron, False, 1)]
    assert await found("heron water") == []
    assert await found("-heron") == [(heron, True, 1)]
    hits = (await ada.http.get("/api/search", params={"q": "trees"})).json()["data"]
    (message,) = hits[0]["messages"]
    assert message["message_id"] == talk["assistant_message_id"]
    assert "tall trees" in message["excerpt"]


@pytest.mark.parametrize("text", ["", "?!", '""', "x" * 201, "a " * 20])
async def test_a_search_for_nothing_or_too_much_is_refused(ada: Talker, text: str) -> None:
    answer = await ada.http.get("/api/search", params={"q": text})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "q")


async def test_a_link_shows_one_branch_to_everybody_until_it_is_taken_back(
    ada: Talker, gateway: GatewayProcess
) -> None:
    first = await ada.talk("One?", "1")
    path = f"/api/conversations/{first['conversation_id']}"
    shared = (await ada.http.post(f"{path}/share", json={})).json()
    await ada.talk("Two?", "2", conversation_id=first["conversation_id"])

    async with httpx.AsyncClient(base_url=gateway.url) as anybody:
        seen = await anybody.get(shared["share_path"])
        again = (await ada.http.post(f"{path}/share", json={})).json()["share_path"]
        ended = await anybody.get(shared["share_path"])
        assert (await anybody.get(again)).status_code == 200
        forged = await anybody.get(again[:-1] + ("A" if again[-1] != "A" else "B"))
        assert (await ada.http.delete(f"{path}/share")).status_code == 200
        taken_back = await anybody.get(again)

    assert [m["content"] for m in seen.json()["messages"]] == ["One?", "1"]
    assert ada.user_id not in seen.text
    assert first["conversation_id"] not in seen.text
    assert [ended.status_code, forged.status_code, taken_back.status_code] == [404, 404, 404]
    assert (await ada.open(first["conversation_id"]))["conversation"]["share_path"] is None


async def test_a_deleted_conversation_is_gone_and_its_running_reply_is_stopped(
    ada: Talker,
) -> None:
    first = await ada.talk("One?", "1")
    path = f"/api/conversations/{first['conversation_id']}"
    running = await ada.ask("Two?", conversation_id=first["conversation_id"])
    writer = await ada.worker.attempt(await ada.worker.next_prompt())
    await writer.say("2")

    deleted = await ada.http.delete(path)

    assert deleted.status_code == 200, deleted.text
    report = deleted.json()
    assert (report["status"], report["conversations"], report["messages"]) == ("erased", 1, 4)
    assert report["log_events"] >= 3
    assert (await ada.http.get(path)).status_code == 404
    assert (await ada.http.delete(path)).status_code == 404
    assert await ada.titles() == []
    for reply_id in (first["reply_id"], running["reply_id"]):
        await eventually(lambda: ada.worker.log.read(reply_id), [])  # noqa: B023 - at once


async def test_another_users_conversation_is_not_found_by_any_route(
    ada: Talker, bob: Talker
) -> None:
    hers = await ada.talk("Mine?", "Yours.")
    path = f"/api/conversations/{hers['conversation_id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("PATCH", path, {"title": "Bob's"}),
        ("DELETE", path, None),
        ("POST", f"{path}/share", {}),
        ("DELETE", f"{path}/share", None),
    ]
    for method, where, body in calls:
        answer = await bob.http.request(method, where, json=body)
        unknown = await bob.http.request(
            method, where.replace(hers["conversation_id"], "0" * 26), json=body
        )
        assert answer.status_code == unknown.status_code == 404
        assert answer.json() == unknown.json()
    message = {"leaf_id": hers["user_message_id"]}
    made = (await bob.http.post("/api/conversations", json={})).json()
    his = f"/api/conversations/{made['conversation_id']}"
    assert (await bob.http.patch(his, json=message)).status_code == 404
    assert (await ada.open(hers["conversation_id"]))["conversation"]["title"] == "Mine?"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"title": ""}, "title"),
        ({"title": "  \t "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": {"$gt": ""}}, "title"),
        ({"pinned": "yes"}, "pinned"),
        ({"params": {"temperature": 9}}, "params.temperature"),
        ({"leaf_id": {"$ne": None}}, "leaf_id"),
        ({"owner": "me"}, "owner"),
    ],
)
async def test_a_change_that_is_none_names_its_field(
    ada: Talker, body: dict[str, Any], param: str
) -> None:
    made = (await ada.http.post("/api/conversations", json={"title": "t"})).json()
    path = f"/api/conversations/{made['conversation_id']}"
    answer = await ada.http.patch(path, json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert (await ada.http.get(path)).json()["conversation"]["title"] == "t"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"after": "9" * 30}, "after"),
        ({"after": "5-*"}, "after"),
        ({"archived": "maybe"}, "archived"),
    ],
)
async def test_a_query_that_is_none_names_its_parameter(
    ada: Talker, query: dict[str, str], param: str
) -> None:
    answer = await ada.http.get("/api/conversations", params=query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_conversations_need_a_key(gateway: GatewayProcess) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        for path in ("/api/conversations", "/api/conversations/x", "/api/search?q=x"):
            assert (await stranger.get(path)).status_code == 401
