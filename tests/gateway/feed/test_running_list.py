"""What runs is listed as of one place in the log, to which the news that follows is attached."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.feed import running_list
from gateway.feed.running_list import running_at
from schemas import subjects
from schemas.streams import CHAT, CHAT_MAX_AGE_S, REPLIES_MAX_AGE_S
from tests.gateway.eventually import eventually
from tests.gateway.feed.devices import Elsewhere, prompt_of
from tests.gateway.users import User

HOUR_S = 3_600.0


@pytest.fixture
async def session(nats_url: str, elsewhere: Elsewhere) -> AsyncIterator[BrokerSession]:
    link = BrokerLink(nats_url, chat_max_age_s=CHAT_MAX_AGE_S, replies_max_age_s=REPLIES_MAX_AGE_S)
    running = asyncio.create_task(link.run())

    async def is_up() -> bool:
        return link.is_up

    await eventually(is_up, bool)
    yield link.session()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def listed(
    session: BrokerSession, user: User, at: int, longest_s: float = HOUR_S
) -> list[str]:
    return [reply.reply_id for reply in await running_at(session, user.user_id, at, longest_s)]


async def test_the_list_is_exact_at_every_place_of_the_log(
    session: BrokerSession, user: User, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that the list needs several rounds.
    monkeypatch.setattr(running_list, "_SCANNED_TOGETHER", 2)
    mark = elsewhere.delete
    expected = {await mark("0"): []}
    one = await elsewhere.ask()
    expected[await mark("1")] = [one]
    two = await elsewhere.ask(temporary=True, parent_id="P")
    await elsewhere.ask(kind="title")
    expected[await mark("2")] = [one, two]
    await elsewhere.finish(one)
    expected[await mark("3")] = [two]
    await elsewhere.finish(two)
    expected[await mark("4")] = []
    for place, prompts in expected.items():
        assert await listed(session, user, place) == [prompt.reply_id for prompt in prompts]


async def test_prompts_too_old_to_run_are_not_listed(
    session: BrokerSession, user: User, elsewhere: Elsewhere
) -> None:
    await elsewhere.ask()
    at = await elsewhere.delete("mark")
    assert len(await listed(session, user, at)) == 1

    async def young() -> list[str]:
        return await listed(session, user, at, 0.5)

    await eventually(young, lambda found: found == [])


async def test_prompts_that_tell_nothing_in_their_headers_and_such_that_do_not_parse(
    session: BrokerSession, user: User, elsewhere: Elsewhere
) -> None:
    # As the retry of a dead letter publishes it.
    retried, done = prompt_of(user.user_id), prompt_of(user.user_id)
    subject = subjects.prompt(user.user_id, "m", 0)
    for prompt in (retried, done):
        await elsewhere.store(subject, prompt)
    await elsewhere.finish(done)
    await session.jetstream.publish(subject, b"no event", stream=CHAT)
    erased = await elsewhere.ask()
    at = await elsewhere.delete("mark")
    assert await listed(session, user, at) == [retried.reply_id, erased.reply_id]
    await session.jetstream.delete_msg(CHAT, at - 1)
    assert await listed(session, user, at) == [retried.reply_id]
