"""After kills in the middle of a load, live projections, log and archive agree to the document."""

import asyncio
from pathlib import Path

from nats.aio.client import Client

from schemas import ids
from schemas.events import Event
from schemas.streams import declare_consumer, history_consumer, usage_consumer
from tests.analytics.archive.events import archived_to, publish_all, sequences_in
from tests.analytics.consumer_process import consumers, eventually, publisher
from tests.analytics.replay.commands import Commands
from tests.analytics.replay.lives import life_of
from tests.analytics.replay.test_replay_commands import settled
from tests.analytics.replies import end_of, prompt_of
from tests.support.servers import NatsServer, StoreServer

KILLS, REPLIES_A_ROUND = 2, 60


def a_round() -> list[Event]:
    """Return turns, what is asked first and answered later, and two whole lives."""
    prompts = [prompt_of() for _ in range(REPLIES_A_ROUND)]
    ends = [end_of(prompt) for prompt in prompts]
    # Some come twice, and some before their prompt.
    return [
        *prompts[10:],
        *ends,
        *prompts[:10],
        *ends[:5],
        *life_of(ids.new_user_id()),
        *life_of(ids.new_user_id()),
    ]


async def test_live_projections_log_and_archive_agree_after_kills_of_all_consumers(
    tmp_path: Path, fresh_nats_server: NatsServer, fresh_store_server: StoreServer
) -> None:
    archive = tmp_path / "archive"
    urls = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": fresh_store_server.url,
        "RIVULET_ARCHIVE_DIR": str(archive),
        "RIVULET_ARCHIVE_EVERY_S": "0.3",
        "RIVULET_TITLES": "off",
    }
    async with publisher(fresh_nats_server.url) as broker:
        # What a killed process had in hand comes again soon; options that are there stay.
        for consumer in (history_consumer(), usage_consumer()):
            consumer.ack_wait = 2.0
            await declare_consumer(broker, consumer)
        last = 0
        for number in range(KILLS):
            with consumers(tmp_path / f"live{number}", **urls) as process:
                await asyncio.to_thread(process.wait_until_started)
                last = await publish_all(broker, *a_round())
                process.end()
        with consumers(tmp_path / "last", **urls):
            await everything_handled(broker, archive, last)
            archived = sequences_in(archive)
            assert archived[-1] == last
            assert len(archived) == len(set(archived))
            await agree(Commands(tmp_path / "log", **{**urls, "RIVULET_ARCHIVE_DIR": ""}), "log")
            await agree(Commands(tmp_path / "archive", **urls), "archive")


async def everything_handled(broker: Client, archive: Path, last: int) -> None:
    async def state() -> list[object]:
        return [archived_to(archive) >= last, *[await settled(broker, n) for n in both]]

    both = ("history", "usage")
    await eventually(state, [True, (0, 0), (0, 0)], deadline_s=60)


async def agree(commands: Commands, name: str) -> None:
    for projection in ("history", "usage"):
        for command in ("replay --into", "compare --with"):
            verb, option = command.split()
            arguments = (verb, "--projection", projection, option, name)
            outcome = await asyncio.to_thread(commands.run, *arguments)
            assert outcome.status == 0, outcome.output + outcome.errors
