"""A rebuilt projection is the live one, to the document, however its rebuild was disturbed."""

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from analytics.store_client import Store
from schemas import ids
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES, USAGE, USAGE_DATABASE
from schemas.streams import CHAT
from tests.analytics.archive.events import archived_to, publish_all, rows_in, sequences_in
from tests.analytics.consumer_process import consumers, eventually, publisher, reader
from tests.analytics.replay.commands import Commands
from tests.analytics.replay.lives import erased_life_of, life_of
from tests.analytics.replies import end_of, prompt_of
from tests.support.servers import NatsServer, StoreServer, running

USERS = 6


class World:
    """A live stack with an archive, in which much has happened, and its commands."""

    def __init__(self, commands: Commands, urls: dict[str, str], last: int, erased: str) -> None:
        self.commands = commands
        self.urls = urls
        self.last = last
        self.erased_user = erased


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with (
        running(NatsServer(folder / "nats")) as nats,
        running(StoreServer(folder / "store")) as store,
    ):
        urls = {
            "RIVULET_NATS_URL": nats.url,
            "RIVULET_MONGO_URL": store.url,
            "RIVULET_ARCHIVE_DIR": str(folder / "archive"),
            "RIVULET_ARCHIVE_EVERY_S": "0.2",
            "RIVULET_TITLES": "off",
        }
        with consumers(folder / "live", **urls) as process:
            process.wait_until_started()
            last, erased = asyncio.run(live(urls, folder / "archive"))
            yield World(Commands(folder / "commands", **urls), urls, last, erased)


async def live(urls: dict[str, str], archive: Path) -> tuple[int, str]:
    erased = ids.new_user_id()
    events = [event for _ in range(USERS) for event in life_of(ids.new_user_id())]
    async with (
        publisher(urls["RIVULET_NATS_URL"]) as broker,
        reader(urls["RIVULET_MONGO_URL"]) as store,
    ):
        last = await publish_all(broker, *events, *erased_life_of(erased))

        async def reached() -> int:
            return archived_to(archive)

        await eventually(reached, last)
        for name in ("history", "usage"):
            await eventually(lambda name=name: settled(broker, name), (0, 0))
        await eventually(lambda: erasures_due(store), 0, deadline_s=40)
    return last, erased


async def settled(broker: Client, name: str) -> tuple[int, int]:
    info = await broker.jetstream().consumer_info(CHAT, name)
    return int(info.num_pending or 0), int(info.num_ack_pending or 0)


async def erasures_due(store: Store) -> int:
    notes = await store[CHAT_DATABASE]["erasures"].find({}).to_list()
    return sum(note["done_at_ms"] == 0 for note in notes)


def replayed(world: World, projection: str, name: str, **environment: str) -> Commands:
    commands = Commands(Path("/nonexistent"), **{**world.urls, **environment})
    outcome = commands.run("replay", "--projection", projection, "--into", name)
    assert outcome.status == 0, outcome.errors
    return commands


@pytest.mark.parametrize("projection", ["history", "usage"])
@pytest.mark.parametrize("source", ["log", "archive"])
def test_a_rebuild_from_log_or_archive_is_the_live_projection_to_the_document(
    world: World, projection: str, source: str
) -> None:
    without = {"RIVULET_ARCHIVE_DIR": ""} if source == "log" else {}
    commands = replayed(world, projection, source, **without)
    outcome = commands.run("compare", "--projection", projection, "--with", source)
    assert outcome.status == 0, outcome.output
    assert " 0 only_live, 0 only_rebuilt, 0 different" in outcome.output
    expected = {
        # Of each life: made, and the one of the end without a prompt has no conversation's event.
        "history": f"conversations: {USERS} equal",
        "usage": f"usage: {6 * USERS} equal",
    }
    assert expected[projection] in outcome.output, outcome.output


async def documents(world: World, database: str, name: str) -> list[dict[str, Any]]:
    async with reader(world.urls["RIVULET_MONGO_URL"]) as store:
        return await store[database][name].find({}).to_list()


async def test_erased_users_and_temporary_conversations_never_come_back(world: World) -> None:
    await asyncio.to_thread(replayed, world, "history", "erased")
    found = [
        document
        for name in (CONVERSATIONS, MESSAGES)
        for document in await documents(world, f"{CHAT_DATABASE}_replay_erased", name)
    ]
    assert found
    assert world.erased_user not in {document["user_id"] for document in found}
    assert "a secret of the moment" not in str(found)


def test_a_killed_rebuild_goes_on_and_is_the_same(world: World) -> None:
    arguments = ("replay", "--projection", "history", "--into", "killed")
    for delay_s in (0.9, 1.2, 1.4):
        with world.commands.start(*arguments) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay_s)
            process.kill()
    assert world.commands.run(*arguments).status == 0
    outcome = world.commands.run("compare", "--projection", "history", "--with", "killed")
    assert outcome.status == 0, outcome.output


async def test_a_damaged_live_projection_is_seen_and_mended_by_a_promotion(world: World) -> None:
    commands = await asyncio.to_thread(replayed, world, "history", "mend")
    async with reader(world.urls["RIVULET_MONGO_URL"]) as store:
        messages = store[CHAT_DATABASE][MESSAGES]
        some = await messages.find({}).sort("_id", 1).limit(3).to_list()
        await messages.delete_one({"_id": some[0]["_id"]})
        await messages.update_one({"_id": some[1]["_id"]}, {"$set": {"content": "tampered"}})
        await messages.insert_one({**some[2], "_id": "0" * 26})

        wrong = await asyncio.to_thread(
            commands.run, "compare", "--projection", "history", "--with", "mend"
        )
        assert wrong.status == 1
        assert f"messages {some[0]['_id']}: only in the rebuilt one" in wrong.output
        assert f"messages {some[1]['_id']}: differs in content" in wrong.output
        assert f"messages {'0' * 26}: only in the live projection" in wrong.output
        assert "tampered" not in wrong.output

        promote = ("promote", "--projection", "history", "--with", "mend", "--keep")
        refused = await asyncio.to_thread(commands.run, *promote)
        assert refused.status == 1
        assert "(messages: 1)" in refused.errors
        promoted = await asyncio.to_thread(commands.run, *promote, "--remove")
        assert promoted.status == 0, promoted.errors
        assert "1 replaced, 1 added, 1 removed" in promoted.output
    right = await asyncio.to_thread(
        commands.run, "compare", "--projection", "history", "--with", "mend"
    )
    assert right.status == 0, right.output
    async with publisher(world.urls["RIVULET_NATS_URL"]) as broker:
        info = await broker.jetstream().consumer_info(CHAT, "history")
        assert not info.paused


def test_a_part_can_be_looked_at_and_not_promoted(world: World) -> None:
    outcome = world.commands.run(
        "replay", "--projection", "usage", "--into", "part", "--since", "60"
    )
    assert "a part, from sequence 60 on" in outcome.output
    outcome = world.commands.run("compare", "--projection", "usage", "--with", "part")
    assert outcome.status == 0, outcome.output
    outcome = world.commands.run("promote", "--projection", "usage", "--with", "part")
    assert outcome.status == 1
    assert "without --since" in outcome.errors
    outcome = world.commands.run(
        "replay", "--projection", "usage", "--into", "part", "--since", "9"
    )
    assert outcome.status == 1
    assert "began at sequence 60" in outcome.errors


async def databases(world: World) -> list[str]:
    async with reader(world.urls["RIVULET_MONGO_URL"]) as store:
        return await store.list_database_names()


async def test_wrong_arguments_are_answered_with_a_sentence(world: World) -> None:
    outcome = world.commands.run("replay", "--projection", "usage", "--since", "yesterday")
    assert outcome.status == 1
    assert "'yesterday' is no time" in outcome.errors
    outcome = world.commands.run("compare", "--projection", "usage", "--with", "nothing")
    assert outcome.status == 1
    assert "There is no finished rebuild of usage with the name nothing" in outcome.errors
    assert f"{USAGE_DATABASE}_replay_nothing" not in await databases(world)
    for late in ("2999-01-01", "1000000"):
        outcome = await asyncio.to_thread(
            world.commands.run, "replay", "--projection", "usage", "--since", late, "--into", "late"
        )
        assert outcome.status == 1
        assert f"Nothing has come since {late}" in outcome.errors
    outcome = world.commands.run("replay", "--projection", "usage", "--into", "No Name")
    assert outcome.status == 1


async def test_events_that_come_meanwhile_are_caught_up_with(world: World) -> None:
    commands = await asyncio.to_thread(replayed, world, "usage", "meanwhile")
    async with publisher(world.urls["RIVULET_NATS_URL"]) as broker:
        await publish_all(broker, *(end_of(prompt_of()) for _ in range(50)))
        outcome = await asyncio.to_thread(
            commands.run, "compare", "--projection", "usage", "--with", "meanwhile"
        )
    assert outcome.status == 0, outcome.output
    async with reader(world.urls["RIVULET_MONGO_URL"]) as store:
        live = await store[USAGE_DATABASE][USAGE].count_documents({})
    # What a reply cost stays when its conversation is erased, and its events are gone.
    assert f"usage: {live - USERS} equal" in outcome.output


def test_erased_rows_leave_the_archive_and_a_rebuild_stays_the_same(world: World) -> None:
    folder = Path(world.urls["RIVULET_ARCHIVE_DIR"])
    before = sequences_in(folder)
    erased = world.commands.run("archive-erase")
    assert erased.status == 0, erased.errors
    # More may have been archived meanwhile.
    assert sequences_in(folder)[: len(before)] == before
    assert world.commands.run("archive-erase").output == "0 rows were emptied\n"
    left = [row["payload"] for row in rows_in(folder) if row["user_id"] == world.erased_user]
    # What says that they are erased, and nothing else.
    assert all(b"UserErased" in payload or b"ConversationDeleted" in payload for payload in left)
    assert len(left) == 2
    replayed(world, "history", "blanked")
    outcome = world.commands.run("compare", "--projection", "history", "--with", "blanked")
    assert outcome.status == 0, outcome.output


async def test_a_log_that_lost_its_beginning_is_refused_without_an_archive(
    world: World, tmp_path: Path
) -> None:
    async with publisher(world.urls["RIVULET_NATS_URL"]) as broker:
        jetstream = broker.jetstream()
        config = (await jetstream.stream_info(CHAT)).config
        # What age does in a month; the broker then no longer knows that nothing was too old.
        config.max_msgs = 1_000_000
        await jetstream.update_stream(config)
        await jetstream.purge_stream(CHAT, seq=world.last - 10)
        bare = Commands(tmp_path, **{**world.urls, "RIVULET_ARCHIVE_DIR": ""})
        for projection in ("history", "usage"):
            refused = await asyncio.to_thread(
                bare.run, "replay", "--projection", projection, "--into", "refused"
            )
            assert refused.status == 1
            assert "log and archive lack events up to sequence" in refused.errors
        part = await asyncio.to_thread(
            bare.run, "replay", "--projection", "usage", "--into", "a_part", "--since", "5"
        )
        assert part.status == 0, part.errors
        # The archive has them.
        for projection in ("history", "usage"):
            commands = await asyncio.to_thread(replayed, world, projection, "short_log")
            outcome = await asyncio.to_thread(
                commands.run, "compare", "--projection", projection, "--with", "short_log"
            )
            assert outcome.status == 0, outcome.output
