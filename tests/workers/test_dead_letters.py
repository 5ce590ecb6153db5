"""Dead letters: kept whole, listed without a prompt's text, asked again once."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from schemas import subjects
from schemas.events import Failure, PromptDied, PromptSubmitted, ReplyFinished, encode_event
from schemas.frames import Attempt
from schemas.ids import owns_reply
from schemas.reply_log import Claim
from tests.support.asking import MODEL, SECRET, Asker, expected_text
from tests.support.servers import NatsServer, free_port
from tests.support.worker_process import WorkerProcess


@pytest.fixture
def worker(fresh_nats_server: NatsServer, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(tmp_path, fresh_nats_server.url).start()
    yield process
    process.stop()


async def command(url: str, *arguments: str, secret: str = SECRET.decode()) -> tuple[int, str, str]:
    """Run ``python -m workers dead-letters``; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", "dead-letters", *arguments),
        env={"RIVULET_NATS_URL": url, "RIVULET_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


async def bury(asker: Asker, content: str, **sampling: object) -> PromptSubmitted:
    """Put a dead letter into the log; return its prompt."""
    prompt = asker.prompt(content, **sampling)
    letter = PromptDied(
        prompt=prompt, error=Failure("poison", "3 workers died."), attempts=4, died_at_ms=5_000
    )
    subject = subjects.dead_letter(prompt.user_id, prompt.model)
    await asker.broker.jetstream().publish(subject, encode_event(letter))
    return prompt


async def test_a_condemned_prompt_is_kept_before_its_end_is_told(
    fresh_nats_server: NatsServer, worker: WorkerProcess
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        prompt = asker.prompt("poison")
        fence = await asker.log.write_register(prompt.reply_id, Claim(4, "dead-4", 0), 0)
        for n in range(1, 5):
            trial = Attempt(n, f"dead-{n}", alone=n > 1)
            await asker.log.append_fenced(prompt.reply_id, trial, fence)
        await asker.submit(prompt)
        finished = await asker.finished(prompt)
        # Everything of the user in the order of the log.
        events = await asker.events(subjects.facts_of_user(prompt.user_id))
        assert [type(event) for event in events] == [PromptSubmitted, PromptDied, ReplyFinished]
        letter = events[1]
        assert isinstance(letter, PromptDied)
        assert letter.prompt == prompt
        assert letter.error == finished.error
        assert letter.attempts == finished.attempts == 5


async def test_the_list_shows_what_died_and_why_and_no_text(fresh_nats_server: NatsServer) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        assert await command(fresh_nats_server.url, "list") == (
            0,
            "There are no dead letters.\n",
            "",
        )
        first, second = await bury(asker, "my secret"), await bury(asker, "another secret")
        code, table, _ = await command(fresh_nats_server.url, "list")
        assert code == 0
        header, *rows = table.splitlines()
        assert header.split()[:3] == ["reply_id", "model", "died_at"]
        assert [row.split()[0] for row in rows] == [first.reply_id, second.reply_id]
        code, lines, _ = await command(fresh_nats_server.url, "list", "--json")
        assert orjson.loads(lines.splitlines()[0]) == {
            "reply_id": first.reply_id,
            "model": MODEL,
            "died_at": "1970-01-01 00:00:05+00:00",
            "attempts": 4,
            "messages": 1,
            "characters": 9,
            "why": "3 workers died.",
        }
        assert "secret" not in table + lines


async def test_a_retry_is_a_new_reply_to_the_same_question(
    fresh_nats_server: NatsServer, worker: WorkerProcess
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        dead, other = await bury(asker, "again", max_tokens=9), await bury(asker, "not now")
        code, out, error = await command(fresh_nats_server.url, "retry", dead.reply_id)
        assert (code, error) == (0, "")
        new_id = out.split()[-1]
        assert owns_reply(SECRET, dead.user_id, new_id)
        assert (await asker.read_to_end(new_id)).text == expected_text(dead)
        facts = await asker.events(subjects.facts_of_user(dead.user_id))
        (sibling,) = [e for e in facts if isinstance(e, PromptSubmitted)]
        assert sibling.reply_id == new_id
        assert sibling.user_message_id == dead.user_message_id
        assert sibling.assistant_message_id != dead.assistant_message_id
        assert sibling.deadline_ms - sibling.submitted_at_ms == 600_000
        assert [e.prompt for e in facts if isinstance(e, PromptDied)] == [other]


async def test_a_retry_that_was_cut_off_before_the_letter_was_deleted_asks_only_once(
    fresh_nats_server: NatsServer,
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        dead = await bury(asker, "twice")
        first = await command(fresh_nats_server.url, "retry", dead.reply_id)
        # As if the letter had never been deleted.
        letter = PromptDied(prompt=dead, error=Failure("poison", ""), attempts=4, died_at_ms=0)
        subject = subjects.dead_letter(dead.user_id, dead.model)
        await asker.broker.jetstream().publish(subject, encode_event(letter))
        assert await command(fresh_nats_server.url, "retry", dead.reply_id) == first
        facts = await asker.events(subjects.facts_of_user(dead.user_id))
        assert [type(fact) for fact in facts] == [PromptSubmitted]


async def test_all_are_retried_at_once(fresh_nats_server: NatsServer) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        dead = [await bury(asker, f"one of {i}") for i in range(3)]
        code, out, _ = await command(fresh_nats_server.url, "retry", "--all")
        assert code == 0
        assert [line.split()[0] for line in out.splitlines()] == [p.reply_id for p in dead]
        assert await asker.events(subjects.dead_letter(asker.user_id, MODEL)) == []


async def test_an_unknown_reply_is_named_and_nothing_is_retried(
    fresh_nats_server: NatsServer,
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        dead = await bury(asker, "there")
        code, out, error = await command(fresh_nats_server.url, "retry", dead.reply_id, "X" * 36)
        assert (code, out) == (1, "")
        assert "X" * 36 in error
        assert "dead-letters list" in error
        facts = await asker.events(subjects.facts_of_user(dead.user_id))
        assert [type(fact) for fact in facts] == [PromptDied]


async def test_a_retry_without_a_name_says_what_to_name(fresh_nats_server: NatsServer) -> None:
    async with Asker.connected(fresh_nats_server.url):
        code, _, error = await command(fresh_nats_server.url, "retry")
        assert code == 1
        assert "--all" in error


async def test_a_foreign_secret_makes_no_reply_that_its_owner_cannot_read(
    fresh_nats_server: NatsServer,
) -> None:
    async with Asker.connected(fresh_nats_server.url) as asker:
        dead = await bury(asker, "whose")
        url = fresh_nats_server.url
        code, _, error = await command(url, "retry", "--all", secret="another instance's")
        assert code == 1
        assert "RIVULET_SECRET" in error
        facts = await asker.events(subjects.facts_of_user(dead.user_id))
        assert [type(fact) for fact in facts] == [PromptDied]


async def test_without_a_broker_it_says_where_it_looked_and_what_to_do() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    code, _, error = await command(url, "list")
    assert code == 1
    assert url in error
    assert "make up" in error


async def test_without_the_stream_it_says_that_the_stack_is_not_up(
    fresh_nats_server: NatsServer,
) -> None:
    code, _, error = await command(fresh_nats_server.url, "list")
    assert code == 1
    assert "stack" in error
