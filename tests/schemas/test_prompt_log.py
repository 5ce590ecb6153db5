"""Prompts are found in a real log by the id of their reply."""

import time
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from nats.aio.client import Client

from schemas import subjects
from schemas.broker import connect
from schemas.direct_get import DirectGet, LogUnavailable
from schemas.events import encode_event
from schemas.ids import new_ulid, owns_reply
from schemas.prompt_log import (
    find_first_prompt,
    find_prompt,
    find_prompt_of_answer,
    sibling_prompt,
    subject_of,
)
from schemas.streams import CHAT, declare_streams
from tests.support.asking import SECRET, Asker
from tests.support.servers import NatsServer


@pytest.fixture
async def asker(nats_url: str) -> AsyncIterator[Asker]:
    async with Asker.connected(nats_url) as asker:
        yield asker


async def test_a_prompt_is_found_among_many_of_its_user(asker: Asker) -> None:
    direct_get = await DirectGet.open(asker.broker)
    prompts = [await asker.ask(f"question {number}") for number in range(150)]
    for prompt in (prompts[0], prompts[70], prompts[-1]):
        found = await find_prompt(direct_get, asker.user_id, prompt.reply_id)
        assert found is not None
        assert found.prompt == prompt
        message = await asker.broker.jetstream().get_msg(CHAT, found.sequence)
        assert message.data == encode_event(prompt)


async def test_a_prompt_is_found_by_its_answer_and_the_first_one_by_its_conversation(
    asker: Asker,
) -> None:
    direct_get = await DirectGet.open(asker.broker)
    conversation_id = new_ulid()
    one, two = [
        await asker.submit(replace(asker.prompt(text), conversation_id=conversation_id))
        for text in ("one", "two")
    ]
    found = await find_prompt_of_answer(direct_get, asker.user_id, two.assistant_message_id)
    assert found is not None
    assert found.prompt == two
    assert await find_prompt_of_answer(direct_get, asker.user_id, two.user_message_id) is None
    first = await find_first_prompt(direct_get, asker.user_id, conversation_id)
    assert first is not None
    assert first.prompt == one
    assert await find_first_prompt(direct_get, "another0000000000000", conversation_id) is None


@pytest.mark.parametrize("identifier", ["0" * 26, "Z" * 26])
async def test_an_id_of_no_possible_time_is_not_found(asker: Asker, identifier: str) -> None:
    direct_get = await DirectGet.open(asker.broker)
    await asker.ask("hello")
    assert await find_prompt_of_answer(direct_get, asker.user_id, identifier) is None


def test_a_title_has_a_subject_that_counts_for_nobody() -> None:
    chat = Asker.prompt_of("u" * 20, "hello")
    title = replace(chat, kind="title")
    assert not subjects.is_title(subject_of(chat))
    assert subjects.is_title(subject_of(title))
    assert subjects.model_of_prompt(subject_of(title)) == chat.model
    assert subjects.is_title(subjects.finished_title(chat.user_id, chat.model))
    assert not subjects.is_title(subjects.finished(chat.user_id, "title"))


async def test_what_is_not_in_the_log_is_not_found(asker: Asker) -> None:
    direct_get = await DirectGet.open(asker.broker)
    never_sent = asker.prompt("hello")
    assert await find_prompt(direct_get, asker.user_id, never_sent.reply_id) is None
    sent = await asker.ask("hello")
    assert await find_prompt(direct_get, "another0000000000000", sent.reply_id) is None
    assert await find_prompt(direct_get, asker.user_id, never_sent.reply_id) is None


async def test_a_prompt_that_does_not_parse_is_passed_over(asker: Asker) -> None:
    direct_get = await DirectGet.open(asker.broker)
    subject = subjects.prompt(asker.user_id, "m", 0)
    await asker.broker.jetstream().publish(subject, b"{not json")
    sent = await asker.ask("hello")
    found = await find_prompt(direct_get, asker.user_id, sent.reply_id)
    assert found is not None


async def test_prompts_of_much_later_are_not_looked_through(asker: Asker) -> None:
    direct_get = await DirectGet.open(asker.broker)
    sent = asker.prompt("hello")
    two_minutes_ago = new_ulid(int(time.time() * 1000) - 120_000)
    old = replace(sent, reply_id=two_minutes_ago + sent.reply_id[26:])
    await asker.submit(old)
    assert await find_prompt(direct_get, asker.user_id, old.reply_id) is None


async def test_without_a_broker_nothing_is_said_of_the_prompt(
    fresh_nats_server: NatsServer,
) -> None:
    broker: Client = await connect(fresh_nats_server.url, "test")
    await declare_streams(broker)
    direct_get = await DirectGet.open(broker)
    fresh_nats_server.kill()
    with pytest.raises(LogUnavailable):
        await find_prompt(direct_get, "u" * 20, new_ulid() + "A" * 10)
    await broker.close()


async def test_a_sibling_is_the_same_question_with_an_answer_of_its_own(asker: Asker) -> None:
    first = asker.prompt("hello")
    second = sibling_prompt(
        replace(first, bound=True), SECRET, now_ms=first.submitted_at_ms + 5, start_deadline_s=600
    )
    assert owns_reply(SECRET, first.user_id, second.reply_id)
    assert second.reply_id != first.reply_id
    assert second.assistant_message_id != first.assistant_message_id
    assert second.user_message_id == first.user_message_id
    assert (second.messages, second.sampling) == (first.messages, first.sampling)
    assert second.deadline_ms == second.submitted_at_ms + 600_000
    assert not second.bound
