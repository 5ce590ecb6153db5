"""Events that left the log are noticed, whatever took them; what was erased is not missed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from analytics.archive.folder import ArchiveFolder
from analytics.store_client import Store
from schemas import ids
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES
from schemas.events import ConversationDeleted, Event, UserErased, encode_event
from schemas.streams import CHAT, CHAT_MAX_AGE_S, DUPLICATE_WINDOW_S
from tests.analytics.archive.events import archived_to, publish_all, subject_of
from tests.analytics.consumer_process import consumers, eventually, publisher, reader
from tests.analytics.replay.commands import Commands, Outcome
from tests.analytics.replay.lives import life_of
from tests.analytics.replay.test_replay_commands import settled
from tests.analytics.replies import end_of, prompt_of

BOTH = ("history", "usage")


@pytest.fixture
def live(tmp_path: Path, urls: dict[str, str]) -> Iterator[None]:
    with consumers(tmp_path / "live", **urls) as process:
        process.wait_until_started()
        yield


@pytest.fixture
async def broker(urls: dict[str, str], live: None) -> AsyncIterator[Client]:
    async with publisher(urls["RIVULET_NATS_URL"]) as connection:
        yield connection


@pytest.fixture
async def store(urls: dict[str, str]) -> AsyncIterator[Store]:
    async with reader(urls["RIVULET_MONGO_URL"]) as opened:
        yield opened


@pytest.fixture
def commands(tmp_path: Path, urls: dict[str, str]) -> Commands:
    return Commands(tmp_path / "commands", **urls)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def turns(count: int, user_id: str | None = None) -> list[Event]:
    """Return prompts of just now and their ends, each in a conversation of its own."""
    prompts = [prompt_of(user_id, submitted_at_ms=now_ms()) for _ in range(count)]
    return [
        event for prompt in prompts for event in (prompt, end_of(prompt, finished_at_ms=now_ms()))
    ]


async def handled(broker: Client) -> None:
    for name in BOTH:
        await eventually(lambda name=name: settled(broker, name), (0, 0))


async def live_counts(store: Store) -> tuple[int, int]:
    chat = store[CHAT_DATABASE]
    return (
        await chat[CONVERSATIONS].count_documents({}),
        await chat[MESSAGES].count_documents({}),
    )


async def run(commands: Commands, *arguments: str) -> Outcome:
    return await asyncio.to_thread(commands.run, *arguments)


async def first_of(broker: Client) -> int:
    return (await broker.jetstream().stream_info(CHAT)).state.first_seq


async def keep_for(broker: Client, age_s: float) -> None:
    config = (await broker.jetstream().stream_info(CHAT)).config
    config.max_age, config.duplicate_window = age_s, min(age_s, DUPLICATE_WINDOW_S)
    await broker.jetstream().update_stream(config)


@pytest.mark.parametrize("lost_by", ["age", "purge"])
async def test_what_a_young_log_has_lost_is_noticed(
    broker: Client, commands: Commands, lost_by: str
) -> None:
    last = await publish_all(broker, *turns(5))
    await handled(broker)
    if lost_by == "age":
        # It was short once, and is long again.
        await keep_for(broker, 0.5)
        await eventually(lambda: first_of(broker), last + 1)
        await keep_for(broker, CHAT_MAX_AGE_S)
    else:
        await broker.jetstream().purge_stream(CHAT, seq=last + 1)
    await publish_all(broker, *turns(2))
    await handled(broker)
    for projection in BOTH:
        refused = await run(commands, "replay", "--projection", projection)
        assert refused.status == 1, refused.output
        assert f"log and archive lack events up to sequence {last}," in refused.errors
        assert "RIVULET_ARCHIVE_DIR" in refused.errors
        assert "--since" in refused.errors


async def test_usage_whose_history_is_gone_tells_by_its_times(
    broker: Client, store: Store, commands: Commands
) -> None:
    prompt = prompt_of(submitted_at_ms=now_ms() - 3_600_000)
    await publish_all(broker, end_of(prompt))
    await handled(broker)
    await broker.jetstream().purge_stream(CHAT, seq=2)
    await publish_all(broker, *turns(1))
    await handled(broker)
    await store.drop_database(CHAT_DATABASE)
    refused = await run(commands, "replay", "--projection", "usage")
    assert refused.status == 1
    assert "lack events up to sequence 1," in refused.errors


async def test_what_leaves_the_log_after_a_rebuild_began_is_noticed_too(
    broker: Client, commands: Commands
) -> None:
    await publish_all(broker, *turns(2))
    assert (await run(commands, "replay", "--projection", "history")).status == 0
    last = await publish_all(broker, *turns(2))
    await handled(broker)
    await broker.jetstream().purge_stream(CHAT, seq=last)
    for command in ("replay", "compare", "promote"):
        refused = await run(commands, command, "--projection", "history")
        assert refused.status == 1
        assert f"lack events up to sequence {last - 1}," in refused.errors


async def test_what_was_erased_or_temporary_at_the_beginning_of_the_log_is_not_missed(
    broker: Client, store: Store, commands: Commands
) -> None:
    hour_ago = now_ms() - 3_600_000
    gone, deleted = ids.new_user_id(), prompt_of(submitted_at_ms=hour_ago)
    temporary = prompt_of(submitted_at_ms=hour_ago, temporary=True)
    ended = [end_of(asked) for asked in (temporary, deleted)]
    for event in (temporary, ended[0]):
        await broker.jetstream().publish(
            subject_of(event), encode_event(event), stream=CHAT, headers={"Nats-TTL": "1"}
        )
    last = await publish_all(broker, *life_of(gone, now_ms()), deleted, ended[1])
    await handled(broker)
    await publish_all(
        broker,
        UserErased(user_id=gone, at_ms=now_ms()),
        ConversationDeleted(
            conversation_id=str(deleted.conversation_id), user_id=deleted.user_id, at_ms=now_ms()
        ),
        *turns(2),
    )
    await eventually(lambda: first_of(broker), last + 1)
    await handled(broker)
    await eventually(lambda: live_counts(store), (2, 4))
    for projection in BOTH:
        replayed = await run(commands, "replay", "--projection", projection)
        assert replayed.status == 0, replayed.errors
        assert "the whole" in replayed.output
    compared = await run(commands, "compare", "--projection", "history")
    assert compared.status == 0, compared.output


async def test_a_promotion_takes_nothing_away_whose_events_are_lost(
    broker: Client, store: Store, commands: Commands
) -> None:
    last = await publish_all(broker, *turns(3))
    await handled(broker)
    before = await live_counts(store)
    # In the middle of the log nothing tells that they were there.
    for sequence in range(3, last + 1):
        await broker.jetstream().delete_msg(CHAT, sequence)
    assert (await run(commands, "replay", "--projection", "history")).status == 0
    refused = await run(commands, "promote", "--projection", "history")
    assert refused.status == 1
    assert "(conversations: 2, messages: 4)" in refused.errors
    assert "--remove" in refused.errors
    assert await live_counts(store) == before == (3, 6)
    assert not (await broker.jetstream().consumer_info(CHAT, "history")).paused
    removed = await run(commands, "promote", "--projection", "history", "--remove")
    assert removed.status == 0, removed.errors
    assert await live_counts(store) == (1, 2)


async def test_a_promotion_takes_nothing_out_of_a_document(
    broker: Client, store: Store, commands: Commands
) -> None:
    last = await publish_all(broker, *turns(2))
    await handled(broker)
    await broker.jetstream().delete_msg(CHAT, last)
    assert (await run(commands, "replay", "--projection", "history")).status == 0
    refused = await run(commands, "promote", "--projection", "history")
    assert refused.status == 1
    assert "(messages: 1)" in refused.errors


async def test_the_archive_of_a_log_that_has_lost_events_does_not_claim_them(
    tmp_path: Path, broker: Client, urls: dict[str, str]
) -> None:
    folder = tmp_path / "archive"
    lost = await publish_all(broker, *turns(2))
    await broker.jetstream().purge_stream(CHAT, seq=lost + 1)
    last = await publish_all(broker, *turns(1))
    environment = {"RIVULET_ARCHIVE_DIR": str(folder), "RIVULET_ARCHIVE_EVERY_S": "0.2"}
    with consumers(tmp_path / "archiver", "archive", **urls, **environment):

        async def reached() -> int:
            return archived_to(folder)

        await eventually(reached, last)
    assert ArchiveFolder(folder).ranges()[0][0] == lost + 1
