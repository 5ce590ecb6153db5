"""What cannot be read is counted the same, whether it comes from the log or from the archive."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from nats.aio.client import Client

from schemas import subjects
from schemas.events import encode_event
from schemas.streams import CHAT
from tests.analytics.archive.events import archived_to, publish_all
from tests.analytics.consumer_process import consumers, eventually, publisher
from tests.analytics.replay.commands import Commands
from tests.analytics.replies import end_of, prompt_of
from tests.support.servers import NatsServer, StoreServer

UNREADABLE_ENDS = 6


async def publish_unreadable(broker: Client) -> int:
    """Publish ends that are none, and something unreadable elsewhere; return the last sequence."""
    end = end_of(prompt_of())
    fields: dict[str, Any] = msgspec.json.decode(encode_event(end))
    ends = [
        b"\xff\x00 garbage",
        b"",
        msgspec.json.encode({**fields, "version": 99}),
        msgspec.json.encode({**fields, "event": "ReplyExploded"}),
        msgspec.json.encode({**fields, "attempts": "two"}),
        msgspec.json.encode({**fields, "user_id": None}),
    ]
    assert len(ends) == UNREADABLE_ENDS
    jetstream = broker.jetstream()
    for payload in ends:
        await jetstream.publish(subjects.finished(end.user_id, end.model), payload, stream=CHAT)
    elsewhere = await jetstream.publish(subjects.conversation(end.user_id), b"{}", stream=CHAT)
    return elsewhere.seq


async def test_the_count_does_not_depend_on_the_source(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    archive = tmp_path / "archive"
    urls = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": fresh_store_server.url,
        "RIVULET_ARCHIVE_DIR": str(archive),
        "RIVULET_ARCHIVE_EVERY_S": "0.2",
    }
    async with publisher(fresh_nats_server.url) as broker:
        first = 1 + await publish_all(broker, prompt_of(), end_of(prompt_of()))
        last = await publish_unreadable(broker)
    with consumers(tmp_path / "archiver", "archive", **urls):

        async def reached() -> int:
            return archived_to(archive)

        await eventually(reached, last)
    expected = {"usage": UNREADABLE_ENDS, "history": UNREADABLE_ENDS + 1}
    for source in ("log", "archive"):
        environment = {**urls, **({"RIVULET_ARCHIVE_DIR": ""} if source == "log" else {})}
        commands = Commands(tmp_path / source, **environment)
        for projection, count in expected.items():
            replayed = await asyncio.to_thread(
                commands.run, "replay", "--projection", projection, "--into", source
            )
            assert replayed.status == 0, replayed.errors
            told = f"\n{count} events could not be read, the first is {first}:"
            assert told in replayed.output, (source, projection, replayed.output)
