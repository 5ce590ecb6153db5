"""A log that is read again from its beginning gives an empty store the same documents."""

from pathlib import Path
from typing import Any

from nats.aio.client import Client

from analytics.store_client import Store
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    ConversationEvent,
    Feedback,
    encode_event,
)
from schemas.streams import CHAT
from tests.analytics.consumer_process import consumers, eventually, publish, publisher, reader
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of
from tests.analytics.store_contract import everything_of
from tests.support.servers import NatsServer, StoreServer, running


async def publish_changes(broker: Client, *events: ConversationEvent) -> None:
    for event in events:
        subject = subjects.conversation(event.user_id)
        await broker.jetstream().publish(subject, encode_event(event), stream=CHAT)


async def talk(broker: Client, user_id: str) -> None:
    """Publish a life of conversations: made, talked in, retried, renamed, shared, deleted."""
    made = ids.new_ulid()
    same: dict[str, Any] = {"conversation_id": made, "user_id": user_id, "at_ms": SUBMITTED_AT_MS}
    await publish_changes(broker, ConversationCreated(**same, title="Made", system="Be short."))
    first = prompt_of(user_id, conversation_id=made)
    retry = prompt_of(user_id, conversation_id=made, user_message_id=first.user_message_id)
    await publish(broker, first, retry, end_of(first, status="cancelled"), end_of(retry))
    title = prompt_of(user_id, conversation_id=made, kind="title")
    await publish(broker, title, end_of(title, text="A title"))
    await publish_changes(
        broker,
        ConversationChanged(**same, pinned=True, share_id=ids.new_ulid()),
        ConversationChanged(
            **same, feedback=Feedback(message_id=first.assistant_message_id, rating="down")
        ),
        ConversationChanged(**same, title="Renamed", leaf_id=first.assistant_message_id),
    )
    gone = prompt_of(user_id)
    await publish(broker, gone, end_of(gone))
    await publish_changes(
        broker,
        ConversationDeleted(
            conversation_id=str(gone.conversation_id), user_id=user_id, at_ms=SUBMITTED_AT_MS
        ),
    )
    temporary = prompt_of(user_id, temporary=True)
    bare = prompt_of(user_id, conversation_id=None)
    await publish(broker, temporary, end_of(temporary), bare, end_of(bare))


async def settled(broker: Client) -> tuple[int, int | None]:
    info = await broker.jetstream().consumer_info(CHAT, "history")
    return int(info.num_pending or 0), info.num_ack_pending


async def erased(store: Store) -> list[int]:
    notes = await store[CHAT_DATABASE]["erasures"].find({}).to_list()
    return [note["done_at_ms"] > 0 for note in notes]


async def left_of_erased(store: Store) -> int:
    """Count what came after the erasure of its conversation and waits for a pass of its own."""
    notes = await store[CHAT_DATABASE]["erasures"].find({}).to_list()
    gone = [note["_id"].partition(".")[2] for note in notes]
    chat = store[CHAT_DATABASE]
    messages = await chat["messages"].find({"conversation_id": {"$in": gone}}).to_list()
    return len(messages) + len(await chat["conversations"].find({"_id": {"$in": gone}}).to_list())


async def history_of(store: Store, users: list[str]) -> list[list[dict[str, Any]]]:
    return [await everything_of(store, user_id) for user_id in users]


async def test_a_log_that_is_read_again_gives_the_same_documents(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    users = [ids.new_user_id() for _ in range(3)]
    nats_url = fresh_nats_server.url
    async with publisher(nats_url) as broker, reader(fresh_store_server.url) as live:
        urls = {"RIVULET_NATS_URL": nats_url, "RIVULET_MONGO_URL": fresh_store_server.url}
        with consumers(tmp_path / "live", "history", **urls) as process:
            process.wait_until_started()
            for user_id in users:
                await talk(broker, user_id)
            await eventually(lambda: settled(broker), (0, 0))
            await eventually(lambda: erased(live), [True] * len(users))
            await eventually(lambda: left_of_erased(live), 0)
        before = await history_of(live, users)

        await broker.jetstream().delete_consumer(CHAT, "history")
        with running(StoreServer(tmp_path / "other")) as empty:
            urls["RIVULET_MONGO_URL"] = empty.url
            with consumers(tmp_path / "again", "history", **urls) as process:
                process.wait_until_started()
                await eventually(lambda: settled(broker), (0, 0))
                async with reader(empty.url) as store:
                    await eventually(lambda: erased(store), [True] * len(users))
                    await eventually(lambda: left_of_erased(store), 0)
            async with reader(empty.url) as store:
                assert await history_of(store, users) == before
                notes = await store[CHAT_DATABASE]["erasures"].find({}).to_list()
    assert [len(documents) for documents in before] == [1 + 3 + 2] * 3
    assert {note["user_id"] for note in notes} == set(users)
