"""The archive holds every event once, whatever is killed, full or repeated."""

import asyncio
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from analytics.archive.folder import ArchiveFolder
from analytics.archive.segments import UNFINISHED, name_of
from schemas import ids, subjects
from schemas.events import (
    ConversationDeleted,
    Failure,
    PromptDied,
    UserErased,
    decode_event,
    encode_event,
)
from schemas.streams import CHAT
from tests.analytics.archive.events import archived_to, publish_all, rows_in, sequences_in
from tests.analytics.consumer_process import (
    ConsumerProcess,
    consumers,
    eventually,
    publisher,
)
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of
from tests.support.servers import NatsServer, free_port


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def environment(fresh_nats_server: NatsServer, archive: Path) -> dict[str, str]:
    return {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": "mongodb://127.0.0.1:9",
        "RIVULET_ARCHIVE_DIR": str(archive),
        "RIVULET_ARCHIVE_EVERY_S": "0.2",
    }


@pytest.fixture
def archiver(tmp_path: Path, environment: dict[str, str]) -> Iterator[ConsumerProcess]:
    environment = {**environment, "RIVULET_ANALYTICS_METRICS_PORT": str(free_port())}
    with consumers(tmp_path / "process", "archive", **environment) as process:
        yield process


def kinds_in(archive: Path) -> set[str]:
    return {path.name for path in archive.glob("day=*/event=*")}


def unfinished_in(archive: Path) -> list[Path]:
    return list(archive.rglob("*.tmp"))


def leave_unfinished(archive: Path, first: int, last: int) -> None:
    """Leave what a kill between two renames does: a file of no segment, and a half-written one."""
    some = next(archive.glob("day=*/event=ReplyFinished/*.parquet"))
    name = some.with_name(f"{name_of(first, last)}.parquet")
    name.write_bytes(some.read_bytes())
    name.with_name(name.name + UNFINISHED).write_bytes(b"PAR1")


async def reached(archive: Path, sequence: int) -> None:
    async def last() -> int:
        return archived_to(archive)

    await eventually(last, sequence)


async def test_every_kind_of_event_becomes_a_row_with_its_payload_as_it_was(
    archiver: ConsumerProcess, fresh_nats_server: NatsServer, archive: Path
) -> None:
    prompt = prompt_of()
    user_id, at_ms = prompt.user_id, SUBMITTED_AT_MS
    end = end_of(prompt)
    deleted = ConversationDeleted(conversation_id=ids.new_ulid(), user_id=user_id, at_ms=at_ms)
    died = PromptDied(prompt=prompt, error=Failure("poison", "x"), attempts=3, died_at_ms=at_ms)
    events = [prompt, end, deleted, died, UserErased(user_id=user_id, at_ms=at_ms)]
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, *events)
        garbage = b'\xff\x00 {"event":'
        await broker.jetstream().publish(subjects.conversation(user_id), garbage, stream=CHAT)
        later = b'{"event":"FeedbackGiven","user_id":"u","version":7}'
        last = await broker.jetstream().publish(subjects.conversation(user_id), later, stream=CHAT)
        await reached(archive, last.seq)

    rows = rows_in(archive)
    assert [row["payload"] for row in rows] == [*map(encode_event, events), garbage, later]
    assert [row["seq"] for row in rows] == list(range(1, 8))
    assert rows[1]["reply_id"] == prompt.reply_id
    assert (rows[1]["completion_tokens"], rows[1]["first_token_ms"]) == (6, 15)
    assert (rows[3]["user_id"], rows[3]["error_code"]) == (user_id, "poison")
    assert {"event=unreadable", "event=other", "event=ReplyFinished"} < kinds_in(archive)
    assert unfinished_in(archive) == []


async def test_of_temporary_replies_only_the_cost_is_archived(
    archiver: ConsumerProcess, fresh_nats_server: NatsServer, archive: Path
) -> None:
    prompt = prompt_of(temporary=True)
    end = end_of(prompt, text="nobody keeps this", error=Failure("x", "nor this"))
    kept = prompt_of()
    cut_off = encode_event(end)[:-20]
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, prompt, end)
        await broker.jetstream().publish(subjects.finished("u", "m"), cut_off, stream=CHAT)
        await reached(archive, await publish_all(broker, kept))
    rows = rows_in(archive)
    assert b'"temporary":true' in cut_off
    assert [row["seq"] for row in rows] == [2, 4]
    cost = decode_event(rows[0]["payload"])
    assert b"nobody" not in rows[0]["payload"]
    assert b"nor this" not in rows[0]["payload"]
    assert getattr(cost, "usage", None) == end.usage


async def test_killed_again_and_again_it_loses_and_doubles_nothing(
    tmp_path: Path, environment: dict[str, str], fresh_nats_server: NatsServer, archive: Path
) -> None:
    environment["RIVULET_ARCHIVE_EVERY_S"] = "0.001"
    async with publisher(fresh_nats_server.url) as broker:
        stop = asyncio.Event()

        async def keep_publishing() -> int:
            last = 0
            while not stop.is_set():
                last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(50)))
                await asyncio.sleep(0.01)
            return last

        publishing = asyncio.create_task(keep_publishing())
        for number in range(3):
            with consumers(tmp_path / f"p{number}", "archive", **environment) as process:
                await asyncio.to_thread(process.wait_until_started)
                before = archived_to(archive)

                async def more(before: int = before) -> bool:
                    return archived_to(archive) > before

                await eventually(more, wanted=True)
                # Somewhere within a later segment.
                await asyncio.sleep(0.037 * number)
                process.end()
        stop.set()
        last = await publishing
        leave_unfinished(archive, last + 1, last + 9)
        with consumers(tmp_path / "last", "archive", **environment):
            await reached(archive, last)
    assert sequences_in(archive) == list(range(1, last + 1))
    assert unfinished_in(archive) == []
    assert len(ArchiveFolder(archive).ranges()) > 3


async def test_a_full_disk_is_a_pause(
    archiver: ConsumerProcess, fresh_nats_server: NatsServer, archive: Path
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await reached(archive, await publish_all(broker, prompt_of()))
        child = psutil.Process(archiver.pid)
        # The kernel lets no file of the process grow beyond this: a write fails half way.
        child.rlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        # Of 36 random characters each: it does not compress below the limit.
        last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(3_000)))

        async def failed() -> bool:
            return bool(archiver.lines("archive_write_failed"))

        await eventually(failed, wanted=True)
        position = archived_to(archive)
        assert position < last
        assert sequences_in(archive) == list(range(1, position + 1))
        line = archiver.lines("archive_write_failed")[0]
        assert line["level"] == "error"
        assert str(archive) in line["folder"]

        child.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await reached(archive, last)
    assert sequences_in(archive) == list(range(1, last + 1))

    async def told() -> bool:
        return bool(archiver.lines("archive_writes_again"))

    await eventually(told, wanted=True)


async def test_a_full_disk_is_seen_in_the_metrics_when_few_events_wait(
    archiver: ConsumerProcess, fresh_nats_server: NatsServer, archive: Path
) -> None:
    async def seen() -> tuple[bool, bool]:
        found = await asyncio.to_thread(archiver.metrics)
        return (
            found["rivulet_analytics_archive_failures_total"] > 0,
            found["rivulet_analytics_archive_overdue_seconds"] > 1,
        )

    async with publisher(fresh_nats_server.url) as broker:
        await reached(archive, await publish_all(broker, prompt_of()))
        assert await seen() == (False, False)
        child = psutil.Process(archiver.pid)
        child.rlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        # Bytes that do not compress below the limit.
        last = await publish_all(broker, end_of(prompt_of(), text=os.urandom(150_000).hex()))
        await eventually(seen, (True, True))
        child.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await reached(archive, last)
        await eventually(seen, (True, False))


async def test_a_broker_that_is_killed_in_between_costs_no_event(
    archiver: ConsumerProcess, fresh_nats_server: NatsServer, archive: Path
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, *(end_of(prompt_of()) for _ in range(500)))
        await asyncio.to_thread(fresh_nats_server.kill)
        await asyncio.to_thread(fresh_nats_server.restart)
        await broker.flush()
        last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(500)))
        await reached(archive, last)
    assert sequences_in(archive) == list(range(1, last + 1))


async def test_a_second_process_waits_and_takes_over(
    tmp_path: Path,
    archiver: ConsumerProcess,
    environment: dict[str, str],
    fresh_nats_server: NatsServer,
    archive: Path,
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await reached(archive, await publish_all(broker, prompt_of()))
        with consumers(tmp_path / "second", "archive", **environment) as second:

            async def waits() -> bool:
                return bool(second.lines("archive_waits_for_other_process"))

            await eventually(waits, wanted=True)
            last = await publish_all(broker, *(end_of(prompt_of()) for _ in range(300)))
            archiver.end()
            await reached(archive, last)
    assert sequences_in(archive) == list(range(1, last + 1))


async def test_the_archive_of_another_log_is_left_alone(
    tmp_path: Path,
    archiver: ConsumerProcess,
    environment: dict[str, str],
    fresh_nats_server: NatsServer,
    archive: Path,
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await reached(archive, await publish_all(broker, prompt_of(), prompt_of()))
        archiver.stop()
        await broker.jetstream().delete_stream(CHAT)
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, *(prompt_of() for _ in range(5)))
        with consumers(tmp_path / "other", "archive", **environment) as other:

            async def refused() -> bool:
                return bool(other.lines("archive_stopped"))

            await eventually(refused, wanted=True)
            assert "RIVULET_ARCHIVE_DIR" in other.lines("archive_stopped")[0]["error"]
    assert sequences_in(archive) == [1, 2]
