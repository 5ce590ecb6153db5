"""A prompt in an existing conversation, with the history up to date, through a real gateway."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from schemas import ids
from schemas.events import ChatMessage, ConversationChanged, ConversationCreated, Sampling
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.talk import Talk, change, contents, following, talking

pytestmark = pytest.mark.usefixtures("history")


@pytest.fixture
async def talk(
    gateway: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> AsyncIterator[Talk]:
    async with talking(gateway, mongo_url, worker) as talk:
        yield talk


async def created(talk: Talk, **fields: Any) -> str:
    """Make a conversation without a prompt; return its id."""
    event = ConversationCreated(
        conversation_id=ids.new_ulid(),
        user_id=talk.user_id,
        at_ms=time.time_ns() // 1_000_000,
        **fields,
    )
    await change(talk.worker.broker, event)
    return event.conversation_id


async def test_a_conversation_that_was_made_without_a_prompt_begins_with_one(talk: Talk) -> None:
    defaults = Sampling(max_tokens=50, temperature=0.1, stop=("END",))
    conversation = await created(
        talk, model=talk.worker.model, system="Be brief.", sampling=defaults
    )
    accepted = await talk.say(
        "One?", model=None, conversation_id=conversation, params={"temperature": 0.9}
    )
    assert accepted["conversation_id"] == conversation
    assert accepted["omitted_messages"] == 0
    first = await talk.asked("1")
    assert first.messages == (ChatMessage("system", "Be brief."), ChatMessage("user", "One?"))
    assert first.sampling == Sampling(max_tokens=50, temperature=0.9, stop=("END",))
    assert first.parent_id is None

    await talk.say("Two?", model=None, conversation_id=conversation)
    second = await talk.asked("2")
    assert contents(second) == ["Be brief.", "One?", "1", "Two?"]
    assert second.sampling == defaults
    assert second.parent_id == accepted["assistant_message_id"]


async def test_a_changed_system_prompt_holds_from_the_next_prompt_on(talk: Talk) -> None:
    conversation = await created(talk, system="Be brief.")
    first = await talk.turn("One?", "1", conversation_id=conversation)
    event = ConversationChanged(
        conversation_id=conversation,
        user_id=talk.user_id,
        at_ms=first["omitted_messages"],
        system="Be long.",
    )
    await change(talk.worker.broker, event)
    await talk.say("Two?", conversation_id=conversation)
    assert contents(await talk.asked()) == ["Be long.", "One?", "1", "Two?"]


async def test_a_prompt_without_a_parent_goes_on_in_the_branch_that_was_chosen(talk: Talk) -> None:
    first = await talk.turn("One?", "1")
    same = {"conversation_id": first["conversation_id"]}
    second = await talk.turn("Two?", "2", **same)
    await talk.turn("Two again?", "zwei", **following(first))
    await talk.say("Three?", **same)
    assert contents(await talk.asked("3"))[-3:] == ["Two again?", "zwei", "Three?"]
    event = ConversationChanged(
        user_id=talk.user_id, at_ms=1, leaf_id=second["user_message_id"], **same
    )
    await change(talk.worker.broker, event)
    await talk.say("Four?", **same)
    assert contents(await talk.asked("4")) == ["One?", "1", "Two?", "2", "Four?"]


async def test_a_reply_may_be_answered_the_moment_it_has_ended(talk: Talk) -> None:
    first = await talk.say("One?")
    writer = await talk.running()
    await writer.say("1", "!")
    early = await talk.refusal("Two?", **following(first))
    assert early == (409, "parent_not_ready", "parent_id")
    # The frames have ended, and the log of facts does not say so yet.
    await talk.worker.log.append_fenced(first["reply_id"], writer.result(), writer.fence)
    second = await talk.say("Two?", **following(first))
    asked = await talk.asked("2")
    assert contents(asked) == ["One?", "1!", "Two?"]
    await talk.say("Three?", **following(second))
    assert contents(await talk.asked("3")) == ["One?", "1!", "Two?", "2", "Three?"]


async def test_another_users_conversation_and_an_unknown_one_are_not_there(
    talk: Talk, gateway: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> None:
    first = await talk.turn("One?", "1")
    async with talking(gateway, mongo_url, worker) as stranger:
        for fields in (following(first), {"conversation_id": first["conversation_id"]}):
            refused = await stranger.refusal("Mine?", **fields)
            assert refused == (404, "not_found", "conversation_id")
        own = await stranger.turn("Own?", "o")
        fields = {**following(first), "conversation_id": own["conversation_id"]}
        assert await stranger.refusal("Mine?", **fields) == (404, "not_found", "parent_id")
    for unknown in (ids.new_ulid(), "0" * 26, "Z" * 26, "*"):
        refused = await talk.refusal("Who?", conversation_id=unknown)
        assert refused == (404, "not_found", "conversation_id")


async def test_a_reply_of_another_conversation_is_no_parent(talk: Talk) -> None:
    one, two = await talk.turn("One?", "1"), await talk.turn("Two?", "2")
    fields = {**following(one), "conversation_id": two["conversation_id"]}
    assert await talk.refusal("Three?", **fields) == (404, "not_found", "parent_id")


async def test_without_a_model_anywhere_one_is_asked_for(talk: Talk) -> None:
    wanted = (400, "missing_required_parameter", "model")
    assert await talk.refusal("One?", model=None) == wanted
    conversation = await created(talk)
    assert await talk.refusal("One?", model=None, conversation_id=conversation) == wanted


async def test_fewer_tokens_than_the_conversation_asks_for_at_least_are_refused_or_win(
    talk: Talk,
) -> None:
    conversation = await created(talk, sampling=Sampling(min_tokens=20, max_tokens=30))
    same = {"conversation_id": conversation}
    refused = await talk.refusal("One?", params={"min_tokens": 40}, **same)
    assert refused == (400, "invalid_value", "params.min_tokens")
    await talk.say("One?", params={"max_tokens": 10}, **same)
    assert (await talk.asked()).sampling == Sampling(min_tokens=10, max_tokens=10)


async def test_a_stored_conversation_does_not_go_on_as_a_temporary_one(talk: Talk) -> None:
    first = await talk.turn("One?", "1")
    refused = await talk.refusal("Two?", temporary=True, **following(first))
    assert refused == (400, "invalid_value", "temporary")
