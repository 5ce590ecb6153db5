"""Events are shown as they come, and a past reply as its readers saw it."""

import asyncio
import time
from pathlib import Path

import pytest

from analytics.reply_timing import Piece, timed_pieces
from schemas import ids, subjects
from schemas.frames import Attempt, Delta, End, encode_frame
from schemas.reply_log import StoredFrame
from schemas.streams import CHAT, REPLIES
from tests.analytics.archive.events import publish_all
from tests.analytics.consumer_process import publisher
from tests.analytics.replay.commands import Commands
from tests.analytics.replies import SECRET, end_of, prompt_of
from tests.support.servers import NatsServer


@pytest.fixture
def commands(tmp_path: Path, fresh_nats_server: NatsServer) -> Commands:
    return Commands(tmp_path, RIVULET_NATS_URL=fresh_nats_server.url)


async def test_the_tail_shows_what_is_asked_for_and_no_text(
    commands: Commands, fresh_nats_server: NatsServer
) -> None:
    prompt, other = prompt_of(), prompt_of(model="other")
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, prompt, end_of(prompt), other, end_of(other))
        garbage = subjects.finished(prompt.user_id, "m")
        await broker.jetstream().publish(garbage, b"garbage", stream=CHAT)

        async def lines(*arguments: str) -> list[str]:
            asked = ("tail", "--after", "0", *arguments)
            outcome = await asyncio.to_thread(commands.run, *asked)
            assert outcome.status == 0, outcome.errors
            return outcome.output.splitlines()

        everything = await lines("--count", "5")
        assert [line.split()[1] for line in everything] == ["1", "2", "3", "4", "5"]
        assert everything[4].endswith("(does not parse)")
        assert f"reply_id={prompt.reply_id} status=completed attempts=1 tokens=7+6" in everything[1]
        assert "What is a frame?" not in "".join(everything)
        [ended] = await lines("--type", "ReplyFinished", "--model", "other", "--count", "1")
        assert other.reply_id in ended
        whole = await lines("--conversation", str(prompt.conversation_id), "--json", "--count", "1")
        assert "What is a frame?" in whole[0]


async def test_the_tail_follows_new_events(
    commands: Commands, fresh_nats_server: NatsServer
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, prompt_of())
        user_id = ids.new_user_id()
        with commands.start("tail", "--user", user_id, "--count", "1") as process:
            shown = asyncio.create_task(asyncio.to_thread(process.communicate, timeout=30))
            while not shown.done():
                # It may not listen yet; of those that come later it shows the first.
                await publish_all(broker, prompt_of(user_id), prompt_of())
                await asyncio.sleep(0.1)
        output, _ = shown.result()
    assert f"user_id={user_id}" in output
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--type", "Nonsense"), ("--count", "0"), ("--after", "-3")]
)
def test_what_would_never_come_is_refused(commands: Commands, option: str, value: str) -> None:
    outcome = commands.run("tail", f"{option}={value}")
    assert outcome.status == 2
    assert option in outcome.errors


async def test_a_reader_that_leaves_ends_the_tail_without_a_word(
    commands: Commands, fresh_nats_server: NatsServer
) -> None:
    async with publisher(fresh_nats_server.url) as broker:
        await publish_all(broker, *(prompt_of() for _ in range(3)))
        with commands.start("tail", "--after", "0") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            await asyncio.to_thread(process.stdout.readline)
            process.stdout.close()
            await publish_all(broker, *(prompt_of() for _ in range(3)))
            errors = await asyncio.to_thread(process.stderr.read)
    assert errors == ""


async def test_the_help_names_every_command(commands: Commands) -> None:
    outcome = await asyncio.to_thread(commands.run, "--help")
    assert all(f"{name}," in outcome.output for name in ("history", "archive", "replay", "tail"))


def stored(*frames: tuple[int, object]) -> list[StoredFrame]:
    return [StoredFrame(n, frame, at) for n, (at, frame) in enumerate(frames, 1)]  # type: ignore


def test_pieces_have_the_times_of_their_frames_and_void_ones_are_left_out() -> None:
    frames = stored(
        (1_000, Attempt(1, "a")),
        (1_010, Delta(1, 0, [5], "Hel")),
        (1_005, Delta(1, 1, [6], "lo")),
        (1_100, Delta(1, 0, [5], "Hel")),
        (1_200, None),
        (1_300, Attempt(2, "b")),
        (1_400, Delta(1, 2, [7], "zombie")),
        (1_500, Delta(2, 2, [7], "!")),
        (1_600, End(n=2, tokens=3, status="completed")),
    )
    assert list(timed_pieces(frames)) == [
        Piece(10, "Hel", took_over=False),
        # The broker's clock ran backwards.
        Piece(10, "lo", took_over=False),
        Piece(300, "", took_over=True),
        Piece(500, "!", took_over=False),
    ]


async def test_a_past_reply_is_typed_out_in_its_time(
    commands: Commands, fresh_nats_server: NatsServer
) -> None:
    reply_id = ids.new_reply_id(SECRET, ids.new_user_id())
    frames = [Attempt(1, "a"), Delta(1, 0, [5], "Hello"), Delta(1, 1, [6], ", you")]
    async with publisher(fresh_nats_server.url) as broker:
        for frame in frames:
            subject = subjects.reply(reply_id)
            await broker.jetstream().publish(subject, encode_frame(frame), stream=REPLIES)
            await asyncio.sleep(0.4)
    began = time.monotonic()
    outcome = await asyncio.to_thread(commands.run, "replay-reply", reply_id, "--speed", "0.2")
    assert outcome.output == "Hello, you\n"
    assert time.monotonic() - began > 4.0
    for wrong in ("*", ids.new_reply_id(SECRET, ids.new_user_id())):
        outcome = await asyncio.to_thread(commands.run, "replay-reply", wrong)
        assert outcome.status == 1
        assert outcome.errors.count("\n") == 1
