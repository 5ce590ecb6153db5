"""A prompt that goes on from what only the log has: the history is away, or never has it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store_client import open_store
from schemas import ids, subjects
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES
from schemas.events import ConversationChanged, ConversationCreated, Sampling
from schemas.streams import CHAT, REPLIES
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.talk import Talk, change, contents, following, talking


@pytest.fixture
async def talk(
    gateway: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> AsyncIterator[Talk]:
    """No consumer writes the history here."""
    async with talking(gateway, mongo_url, worker) as talk:
        yield talk


async def test_a_conversation_goes_on_while_the_history_is_away(talk: Talk) -> None:
    first = await talk.turn("One?", "1")
    same = {"conversation_id": first["conversation_id"]}
    second = await talk.turn("Two?", "2", **following(first))
    await talk.say("Three?", model=None, **following(second))
    asked = await talk.asked("3")
    assert contents(asked) == ["One?", "1", "Two?", "2", "Three?"]
    assert asked.parent_id == second["assistant_message_id"]
    # Without a parent it is the newest one.
    await talk.say("Four?", **same)
    assert contents(await talk.asked())[-3:] == ["Three?", "3", "Four?"]
    await talk.say("Begin?", parent_id="", **same)
    assert contents(await talk.asked()) == ["Begin?"]
    unknown = {**same, "parent_id": ids.new_ulid()}
    assert await talk.refusal("x", **unknown) == (404, "not_found", "parent_id")


async def test_a_conversation_without_a_prompt_begins_while_the_history_is_away(
    talk: Talk,
) -> None:
    made = ConversationCreated(
        conversation_id=ids.new_ulid(),
        user_id=talk.user_id,
        at_ms=time.time_ns() // 1_000_000,
        model=talk.worker.model,
        system="Be brief.",
        sampling=Sampling(max_tokens=50),
    )
    same = {"conversation_id": made.conversation_id}
    await change(talk.worker.broker, made)
    await change(
        talk.worker.broker,
        ConversationChanged(user_id=talk.user_id, at_ms=1, system="Be kind.", **same),
    )
    await talk.say("One?", model=None, **same)
    asked = await talk.asked("1")
    assert contents(asked) == ["Be kind.", "One?"]
    assert asked.sampling == Sampling(max_tokens=50)
    await talk.say("Two?", model=None, **same)
    assert contents(await talk.asked()) == ["Be kind.", "One?", "1", "Two?"]


async def test_a_running_reply_cannot_be_answered(talk: Talk) -> None:
    first = await talk.say("One?")
    waiting = (409, "parent_not_ready", "parent_id")
    assert await talk.refusal("Two?", **following(first)) == waiting
    writer = await talk.running()
    await writer.say("1")
    assert await talk.refusal("Two?", **following(first)) == waiting


async def test_a_failed_reply_says_nothing_to_the_model(talk: Talk) -> None:
    first = await talk.say("One?")
    await talk.worker.fail("engine_error", "It broke.")
    await talk.say("Two?", **following(first))
    assert contents(await talk.asked()) == ["One?", "Two?"]


async def test_a_temporary_conversation_goes_on_and_is_never_stored(
    talk: Talk, mongo_url: str
) -> None:
    first = await talk.turn("One?", "1", temporary=True)
    second = await talk.turn("Two?", "2", temporary=True, **following(first))
    assert second["conversation_id"] == first["conversation_id"]
    await talk.say("Three?", model=None, temporary=True, **following(second))
    asked = await talk.asked("3")
    assert contents(asked) == ["One?", "1", "Two?", "2", "Three?"]
    assert asked.temporary
    assert asked.parent_id == second["assistant_message_id"]
    message = await talk.worker.broker.jetstream().get_last_msg(
        CHAT, subjects.finished(talk.user_id, talk.worker.model)
    )
    assert (message.headers or {})["Nats-TTL"] == "3600"
    async with open_store(mongo_url) as store:
        for name in (CONVERSATIONS, MESSAGES):
            assert await store[CHAT_DATABASE][name].find_one({"user_id": talk.user_id}) is None


async def test_temporary_and_kept_conversations_do_not_mix(talk: Talk) -> None:
    kept, temporary = await talk.turn("K?", "k"), await talk.turn("T?", "t", temporary=True)
    refused = (400, "invalid_value", "temporary")
    assert await talk.refusal("x", temporary=True, **following(kept)) == refused
    assert await talk.refusal("x", **following(temporary)) == refused
    same = {"conversation_id": temporary["conversation_id"]}
    assert await talk.refusal("x", **same) == refused
    needs_parent = await talk.refusal("x", temporary=True, **same)
    assert needs_parent == (400, "invalid_value", "parent_id")
    crossed = {**following(temporary), "conversation_id": kept["conversation_id"]}
    assert await talk.refusal("x", temporary=True, **crossed) == (404, "not_found", "parent_id")
    unknown = {**same, "parent_id": ids.new_ulid()}
    assert await talk.refusal("x", temporary=True, **unknown) == (404, "not_found", "parent_id")


async def test_another_users_temporary_conversation_is_not_there(
    talk: Talk, gateway: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> None:
    first = await talk.turn("One?", "1", temporary=True)
    async with talking(gateway, mongo_url, worker) as stranger:
        refused = await stranger.refusal("Mine?", temporary=True, **following(first))
    assert refused == (404, "not_found", "parent_id")


async def test_a_reply_whose_frames_have_expired_is_known_by_how_it_ended(
    gateway: GatewayProcess, mongo_url: str, nats_url: str, worker: StandInWorker, tmp_path: Path
) -> None:
    settings = {"DATA_DIR": str(gateway.data_dir), "START_DEADLINE_S": "2"}
    process = GatewayProcess(tmp_path, nats_url, mongo_url, **settings)
    with running_gateway(process):
        process.wait_for_parts(broker=True, store=True)
        async with talking(process, mongo_url, worker) as talk:
            first = await talk.turn("One?", "1")
            frames = subjects.reply(first["reply_id"])
            await worker.broker.jetstream().purge_stream(REPLIES, subject=frames)
            # Until its deadline it may wait for a worker, as far as its frames can tell.
            refused = await talk.refusal("Two?", **following(first))
            assert refused == (409, "parent_not_ready", "parent_id")
            answer = await eventually(
                lambda: talk.send("Two?", **following(first)), lambda got: got.status_code != 409
            )
            assert answer.status_code == 202
            assert contents(await talk.asked()) == ["One?", "1", "Two?"]
