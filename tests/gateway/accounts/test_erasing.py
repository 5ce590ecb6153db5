"""An erased account leaves nothing in the store and in the logs, and others lose nothing."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client

from gateway.store_client import Store, open_store
from schemas import subjects
from schemas.documents import CHAT_DATABASE, CONVERSATIONS
from schemas.streams import CHAT, REPLIES
from tests.analytics.consumer_process import consumers, eventually
from tests.gateway.accounts.conftest import PASSWORD, Person
from tests.gateway.stand_in_worker import StandInWorker
from tests.support.servers import NatsServer


@pytest.fixture(scope="module")
def projections(
    nats_url: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The consumers of history and usage."""
    folder: Path = tmp_path_factory.mktemp("projections")
    urls = {"RIVULET_NATS_URL": nats_url, "RIVULET_MONGO_URL": mongo_url}
    with consumers(folder, **urls) as process:
        process.wait_until_started()
        yield


async def talk(person: Person, worker: StandInWorker, model: str) -> str:
    """Have one prompt answered and another one running; return the id of the latter."""
    for content in ("One?", "Two?"):
        body = {"model": model, "content": content}
        accepted = (await person.http.post("/api/prompts", json=body)).json()
        if content == "One?":
            await worker.answer("1")
    writer = await worker.attempt(await worker.next_prompt())
    await writer.say("2")
    return str(accepted["reply_id"])


async def left_in_store(store: Store, user_id: str) -> list[str]:
    """Return the collections that name a user, but for the notes that keep them erased."""
    found = []
    for database in await store.list_database_names():
        if not database.startswith("rivulet_"):
            continue
        for name in await store[database].list_collection_names():
            if name == "erasures":
                continue
            rows = await store[database][name].find({}).to_list()
            if any(user_id in repr(row) for row in rows):
                found.append(f"{database}.{name}")
    return found


async def left_in_log(broker: Client, stream: str, subject: str) -> int:
    info = await broker.jetstream().stream_info(stream, subjects_filter=subject)
    return sum((info.state.subjects or {}).values())


async def test_nothing_of_an_erased_account_is_left(
    projections: None, ada: Person, bob: Person, worker: StandInWorker, model: str, mongo_url: str
) -> None:
    key = (await ada.http.post("/api/keys", json={"name": "laptop"})).json()["key"]
    reply_id = await talk(ada, worker, model)
    await talk(bob, worker, model)
    # What comes at the same time as its erasure is erased later, and not in the report.
    async with open_store(mongo_url) as store:
        conversations = store[CHAT_DATABASE][CONVERSATIONS]
        await eventually(lambda: conversations.count_documents({"user_id": ada.user_id}), 2)

    refused = await ada.http.request("DELETE", "/api/me", json={"password": "wrong"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (401, "password")
    erased = await ada.http.request("DELETE", "/api/me", json={"password": PASSWORD})

    assert erased.status_code == 200, erased.text
    report = erased.json()
    assert (report["conversations"], report["messages"]) == (2, 4)
    assert report["log_events"] >= 3
    credentials = {"email": ada.email, "password": PASSWORD}
    assert (await bob.http.post("/api/auth/login", json=credentials)).status_code == 401
    by_key = {"Authorization": f"Bearer {key}"}
    assert (await ada.http.get("/v1/models", headers=by_key)).status_code == 401
    async with open_store(mongo_url) as store:
        await eventually(lambda: left_in_store(store, ada.user_id), [], deadline_s=40)
        assert await left_in_store(store, bob.user_id) != []
    facts = subjects.facts_of_user(ada.user_id)
    await eventually(lambda: left_in_log(worker.broker, CHAT, facts), 0)
    await eventually(lambda: left_in_log(worker.broker, REPLIES, subjects.reply(reply_id)), 0)
    assert await left_in_log(worker.broker, CHAT, subjects.facts_of_user(bob.user_id)) >= 3


async def test_no_word_of_an_erased_account_is_left_in_the_brokers_files(
    projections: None,
    ada: Person,
    bob: Person,
    worker: StandInWorker,
    model: str,
    nats_server: NatsServer,
) -> None:
    hers, his = f"heron{secrets.token_hex(8)}", f"stork{secrets.token_hex(8)}"
    for person, word in ((ada, hers), (bob, his)):
        for more in ({}, {"temporary": True}):
            body = {"model": model, "content": f"Ask {word}?", **more}
            assert (await person.http.post("/api/prompts", json=body)).status_code == 202
            await worker.answer(f"Say {word}", f", {word} and so on.")
    # As it stands on the disk: prompts, ends, and two frames each.
    await eventually(lambda: words_on_disk(nats_server, hers, his), [True, True])

    erased = await ada.http.request("DELETE", "/api/me", json={"password": PASSWORD})

    assert erased.status_code == 200, erased.text
    assert erased.json()["log_events"] >= 4
    assert erased.json()["reply_frames"] >= 8
    assert await words_on_disk(nats_server, hers, his) == [False, True]


async def words_on_disk(server: NatsServer, *words: str) -> list[bool]:
    """Tell of each word whether any of the broker's files holds it."""
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    content = [path.read_bytes() for path in files]
    return [any(word.encode() in data for data in content) for word in words]


async def test_an_admin_erases_somebody_else_and_nobody_else_may(
    projections: None, ada: Person, bob: Person, admin: Person, stranger: httpx.AsyncClient
) -> None:
    path = f"/api/admin/users/{ada.user_id}"
    assert (await bob.http.delete(path)).status_code == 403
    assert (await admin.http.delete(f"/api/admin/users/{admin.user_id}")).status_code == 400
    assert (await admin.http.delete("/api/admin/users/nobody")).status_code == 404

    assert (await admin.http.delete(path)).status_code == 200

    credentials = {"email": ada.email, "password": PASSWORD}
    assert (await stranger.post("/api/auth/login", json=credentials)).status_code == 401
    again = await admin.http.delete(path)
    assert again.status_code == 404
    assert again.json()["error"]["message"] == "There is no such account; check its id."
