"""What the stores must do, whichever MongoDB they write to.

``test_stores.py`` runs these tests on the embedded store, ``test_stores_on_mongodb.py`` on a real
MongoDB. They compare documents and ids, never only counts: some query shapes return wrong rows
with the right count on the embedded store.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.history_consumer import keep_history
from analytics.history_documents import documents_of_prompt, finished_answer
from analytics.history_store import MongoHistoryStore
from analytics.store_client import Store, open_store
from analytics.usage_documents import usage_document
from analytics.usage_store import MongoUsageStore
from schemas import ids
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES, USAGE, USAGE_DATABASE
from schemas.events import ChatMessage, Event, Failure
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of

Document = dict[str, Any]
REAL_STORE = settings(
    # Each example is some ten writes to a real store.
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    async with open_store(store_url) as client:
        yield client


@pytest.fixture
async def history(store: Store) -> MongoHistoryStore:
    history = MongoHistoryStore(store)
    await history.prepare()
    return history


@pytest.fixture
async def usage(store: Store) -> MongoUsageStore:
    usage = MongoUsageStore(store)
    await usage.prepare()
    return usage


async def messages_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's messages by id."""
    found = store[CHAT_DATABASE][MESSAGES].find({"user_id": user_id})
    return {document["_id"]: document async for document in found}


async def conversations_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's conversations by id."""
    found = store[CHAT_DATABASE][CONVERSATIONS].find({"user_id": user_id})
    return {document["_id"]: document async for document in found}


async def usage_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's usage by reply id."""
    found = store[USAGE_DATABASE][USAGE].find({"user_id": user_id})
    return {document["_id"]: document async for document in found}


async def keep(history: MongoHistoryStore, events: Iterable[Event]) -> None:
    for event in events:
        await keep_history(event, history)


async def test_a_reply_becomes_a_question_and_an_answer(
    store: Store, history: MongoHistoryStore
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await keep(history, [prompt])
    pending = await messages_of(store, prompt.user_id)
    await keep(history, [end])

    conversation, question, answer = documents_of_prompt(prompt)
    assert pending == {question["_id"]: question, answer["_id"]: answer}
    assert await messages_of(store, prompt.user_id) == {
        question["_id"]: question,
        answer["_id"]: finished_answer(end),
    }
    assert await conversations_of(store, prompt.user_id) == {prompt.conversation_id: conversation}


@REAL_STORE
@given(data=st.data())
async def test_events_of_a_conversation_give_the_same_documents_in_any_order_and_number(
    store: Store, history: MongoHistoryStore, data: st.DataObject
) -> None:
    user_id, events = _conversation_with_a_retry()
    order = data.draw(st.permutations(events))
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=6))

    await keep(history, [*order, *repeated])

    found = await messages_of(store, user_id), await conversations_of(store, user_id)
    await _forget(store, user_id)
    await keep(history, events)
    assert found == (
        await messages_of(store, user_id),
        await conversations_of(store, user_id),
    )


async def _forget(store: Store, user_id: str) -> None:
    await store[CHAT_DATABASE][MESSAGES].delete_many({"user_id": user_id})
    await store[CHAT_DATABASE][CONVERSATIONS].delete_many({"user_id": user_id})


def _conversation_with_a_retry() -> tuple[str, list[Event]]:
    """Two turns; the second was answered twice, and its first answer ended by two hands."""
    user_id = ids.new_user_id()
    first = prompt_of(user_id)
    second = prompt_of(
        user_id,
        conversation_id=first.conversation_id,
        parent_id=first.assistant_message_id,
        submitted_at_ms=SUBMITTED_AT_MS + 1_000,
    )
    retry = prompt_of(
        user_id,
        conversation_id=first.conversation_id,
        parent_id=first.assistant_message_id,
        user_message_id=second.user_message_id,
        submitted_at_ms=SUBMITTED_AT_MS + 2_000,
        model="another-model",
    )
    cancelled = end_of(second, status="cancelled", finish_reason=None, text="One")
    failure = Failure("deadline", "It took too long.")
    later = end_of(
        second, status="failed", error=failure, finished_at_ms=cancelled.finished_at_ms + 1
    )
    return user_id, [first, second, retry, end_of(first), cancelled, later, end_of(retry)]


async def test_a_prompt_after_its_end_does_not_undo_it(
    store: Store, history: MongoHistoryStore
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await keep(history, [end, prompt, prompt])

    messages = await messages_of(store, prompt.user_id)
    assert messages[prompt.assistant_message_id] == finished_answer(end)
    assert messages.keys() == {prompt.user_message_id, prompt.assistant_message_id}


async def test_of_two_ends_the_one_that_finished_first_counts(
    store: Store, history: MongoHistoryStore, usage: MongoUsageStore
) -> None:
    prompt = prompt_of()
    first = end_of(prompt, text="first", worker="w1")
    second = end_of(prompt, text="second", worker="w2", finished_at_ms=first.finished_at_ms + 5)

    for order in ([first, second], [second, first]):
        await keep(history, [prompt, *order])
        for end in order:
            await usage.add(usage_document(end))
        messages = await messages_of(store, prompt.user_id)
        assert messages[prompt.assistant_message_id] == finished_answer(first)
        assert await usage_of(store, prompt.user_id) == {prompt.reply_id: usage_document(first)}


async def test_both_events_at_once_many_times_give_one_finished_answer(
    store: Store, history: MongoHistoryStore
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await asyncio.gather(*(keep_history(event, history) for event in [prompt, end] * 8))

    conversation, question, _ = documents_of_prompt(prompt)
    assert await messages_of(store, prompt.user_id) == {
        question["_id"]: question,
        prompt.assistant_message_id: finished_answer(end),
    }
    assert await conversations_of(store, prompt.user_id) == {prompt.conversation_id: conversation}


async def test_an_event_cannot_touch_another_users_documents(
    store: Store, history: MongoHistoryStore
) -> None:
    owner = prompt_of()
    stranger = prompt_of(
        conversation_id=owner.conversation_id,
        user_message_id=owner.user_message_id,
        assistant_message_id=owner.assistant_message_id,
        submitted_at_ms=owner.submitted_at_ms + 1,
    )
    await keep(history, [owner])
    before = await messages_of(store, owner.user_id), await conversations_of(store, owner.user_id)

    await keep(history, [stranger, end_of(stranger)])

    after = await messages_of(store, owner.user_id), await conversations_of(store, owner.user_id)
    assert after == before
    assert await messages_of(store, stranger.user_id) == {}


async def test_skipped_events_leave_no_history(store: Store, history: MongoHistoryStore) -> None:
    prompts = [prompt_of(temporary=True), prompt_of(kind="title")]

    await keep(history, [event for prompt in prompts for event in (prompt, end_of(prompt))])

    for prompt in prompts:
        assert await messages_of(store, prompt.user_id) == {}
        assert await conversations_of(store, prompt.user_id) == {}


@pytest.mark.parametrize(
    "text",
    ["", "a\x00b", "😀 \u202e ' \" $where {}", "2026-01-01", "a.b", "\ud83d", "x" * 3_000_000],
)
async def test_any_text_comes_back_as_it_was(
    store: Store, history: MongoHistoryStore, text: str
) -> None:
    prompt = prompt_of(conversation_id=None, messages=(ChatMessage("user", text),))

    await keep(history, [prompt, end_of(prompt, text=text)])

    messages = await messages_of(store, prompt.user_id)
    readable = text.replace("\ud83d", "\ufffd")
    assert messages[prompt.user_message_id]["content"] == readable
    assert messages[prompt.user_message_id]["messages"] == [{"role": "user", "content": readable}]
    assert messages[prompt.assistant_message_id]["content"] == readable


async def test_usage_is_counted_once_however_often_and_by_however_many_it_is_added(
    store: Store, usage: MongoUsageStore
) -> None:
    user_id = ids.new_user_id()
    documents = [usage_document(end_of(prompt_of(user_id))) for _ in range(5)]

    await asyncio.gather(*(usage.add(document) for document in documents * 6))

    assert await usage_of(store, user_id) == {document["_id"]: document for document in documents}


async def test_indexes_are_made_once_and_each_by_its_keys(
    store: Store, history: MongoHistoryStore, usage: MongoUsageStore
) -> None:
    async def keys(database: str, collection: str) -> list[tuple[str, ...]]:
        indexes = await store[database][collection].index_information()
        found = [tuple(key for key, _ in index["key"]) for index in indexes.values()]
        return sorted(found)

    before = await keys(CHAT_DATABASE, MESSAGES)
    await history.prepare()
    await usage.prepare()

    assert await keys(CHAT_DATABASE, MESSAGES) == before
    assert {("reply_id",), ("conversation_id",), ("user_id",)} < set(before)
    assert ("user_id", "rank") in await keys(CHAT_DATABASE, CONVERSATIONS)
    assert ("user_id", "hour_ms") in await keys(USAGE_DATABASE, USAGE)
