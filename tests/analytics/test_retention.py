"""What is older than the instance keeps is erased from the store and from the log."""

from pathlib import Path
from typing import Any

from analytics.place import Place
from analytics.quarantine_store import MongoQuarantineStore, Trouble
from schemas import ids, subjects
from schemas.documents import (
    CHAT_DATABASE,
    ERASURES,
    QUARANTINE,
    QUARANTINE_DATABASE,
    erasure_id,
)
from schemas.streams import CHAT
from tests.analytics.consumer_process import consumers, eventually, publish, publisher, reader
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import conversations_of, messages_of
from tests.support.servers import NatsServer, StoreServer

_DAY_MS = 86_400_000
_TROUBLE = Trouble("unreadable", "it does not parse")


async def test_old_conversations_and_completions_go_and_young_ones_stay(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    user_id, now_ms = ids.new_user_id(), ids.made_at_ms(ids.new_ulid())
    old, young = now_ms - 8 * _DAY_MS, now_ms - 6 * _DAY_MS
    prompts = [
        prompt_of(user_id, submitted_at_ms=at_ms, **more)
        for at_ms in (old, young)
        for more in ({}, {"conversation_id": None})
    ]
    urls = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": fresh_store_server.url,
    }
    kept = {m for p in prompts[2:] for m in (p.user_message_id, p.assistant_message_id)}
    async with (
        publisher(fresh_nats_server.url) as broker,
        reader(fresh_store_server.url) as store,
    ):
        await publish(broker, *prompts, *(end_of(prompt) for prompt in prompts))

        async def messages() -> set[str]:
            return set(await messages_of(store, user_id))

        async def events() -> int:
            subject = subjects.facts_of_user(user_id)
            info = await broker.jetstream().stream_info(CHAT, subjects_filter=subject)
            return sum((info.state.subjects or {}).values())

        with consumers(tmp_path / "before", "history", **urls) as process:
            process.wait_until_started()
            await eventually(lambda: _count(messages_of(store, user_id)), 8)
        quarantine = MongoQuarantineStore(store)
        for sequence, age_days in ((1, 8), (2, 6)):
            await quarantine.add(Place("usage", sequence, "chat.u.x"), b"{", _TROUBLE, "")
            await store[QUARANTINE_DATABASE][QUARANTINE].update_one(
                {"sequence": sequence}, {"$set": {"set_aside_at_ms": now_ms - age_days * _DAY_MS}}
            )

        async def set_aside() -> list[str]:
            return [entry["_id"] for entry in await quarantine.entries()]

        with consumers(tmp_path / "after", "history", RIVULET_RETENTION_DAYS="7", **urls):
            await eventually(messages, kept)
            # Four of the young ones, and that the old conversation was deleted.
            await eventually(events, 5)
            await eventually(set_aside, ["usage.2"])
        assert set(await conversations_of(store, user_id)) == {prompts[2].conversation_id}
        note = await store[CHAT_DATABASE][ERASURES].find_one(
            {"_id": erasure_id(user_id, str(prompts[0].conversation_id))}
        )
        assert note is not None
        assert note["reason"] == "retention"


async def _count(found: Any) -> int:
    return len(await found)
