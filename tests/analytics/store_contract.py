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

from analytics.erasure import Erasure
from analytics.erasure_store import MongoErasureStore
from analytics.errors import LogUnavailable
from analytics.history_consumer import keep_history
from analytics.history_documents import messages_of_prompt
from analytics.history_store import MongoHistoryStore
from analytics.store_client import Store, open_store
from analytics.usage_documents import usage_document
from analytics.usage_store import MongoUsageStore
from schemas import ids
from schemas.documents import (
    ACCOUNTS_DATABASE,
    CHAT_DATABASE,
    CONVERSATIONS,
    EMAILS,
    ERASURES,
    MESSAGES,
    USAGE,
    USAGE_DATABASE,
    USERS,
    erasure_id,
    owner_term,
)
from schemas.events import (
    ChatMessage,
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    Failure,
    Feedback,
    HistoryEvent,
    ImportedMessage,
    MessagesImported,
    Sampling,
    UserErased,
)
from tests.analytics.expected import (
    answer_of,
    conversation_of,
    pending_of,
    placeless,
    question_of,
)
from tests.analytics.memory_log import MemoryLog
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


class History:
    """The history and a log whose places are the order in which events were first seen."""

    def __init__(self, store: Store) -> None:
        self.store = MongoHistoryStore(store)
        self.erasures = MongoErasureStore(store)
        self.log = MemoryLog()
        self.erasure = Erasure(self.erasures, self.log, again_after_s=0.0)

    async def prepare(self) -> None:
        await self.store.prepare()
        await self.erasures.prepare()

    async def sweep(self) -> None:
        """Do the erasures that were noted, or their second passes."""
        await self.erasure.sweep(2**50)

    async def keep(self, event: HistoryEvent) -> None:
        await keep_history(event, self.log.place_of(event), self.store, self.erasure)


@pytest.fixture
async def history(store: Store) -> History:
    history = History(store)
    await history.prepare()
    return history


@pytest.fixture
async def usage(store: Store) -> MongoUsageStore:
    usage = MongoUsageStore(store)
    await usage.prepare()
    return usage


async def messages_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's messages by id, without their places in the log."""
    found = store[CHAT_DATABASE][MESSAGES].find({"user_id": user_id})
    return {document["_id"]: placeless(document) async for document in found}


async def conversations_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's conversations by id, without their places in the log."""
    found = store[CHAT_DATABASE][CONVERSATIONS].find({"user_id": user_id})
    return {document["_id"]: placeless(document) async for document in found}


async def usage_of(store: Store, user_id: str) -> dict[str, Document]:
    """Return a user's usage by reply id."""
    found = store[USAGE_DATABASE][USAGE].find({"user_id": user_id})
    return {document["_id"]: document async for document in found}


async def keep(history: History, events: Iterable[HistoryEvent]) -> None:
    for event in events:
        await history.keep(event)


async def test_a_reply_becomes_a_question_and_an_answer(store: Store, history: History) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await keep(history, [prompt])
    pending = await messages_of(store, prompt.user_id)
    await keep(history, [end])

    question = {prompt.user_message_id: question_of(prompt)}
    assert pending == {**question, prompt.assistant_message_id: pending_of(prompt)}
    assert await messages_of(store, prompt.user_id) == {
        **question,
        prompt.assistant_message_id: answer_of(end),
    }
    assert await conversations_of(store, prompt.user_id) == {
        prompt.conversation_id: conversation_of(prompt)
    }


@REAL_STORE
@given(data=st.data())
async def test_events_of_a_conversation_give_the_same_documents_in_any_order_and_number(
    store: Store, history: History, data: st.DataObject
) -> None:
    user_id, events = _conversation_with_everything()
    for event in events:
        history.log.place_of(event)
    order = data.draw(st.permutations(events))
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=6))

    await keep(history, [*order, *repeated])

    found = await everything_of(store, user_id)
    await _forget(store, user_id)
    await keep(history, events)
    assert found == await everything_of(store, user_id)


async def everything_of(store: Store, user_id: str) -> list[Document]:
    """Return a user's history in full; ``log_seqs`` is a set."""
    found = [
        document
        for name in (CONVERSATIONS, MESSAGES)
        for document in await store[CHAT_DATABASE][name].find({"user_id": user_id}).to_list()
    ]
    by_id = sorted(found, key=lambda document: str(document["_id"]))
    return [{**document, "log_seqs": sorted(document["log_seqs"])} for document in by_id]


async def _forget(store: Store, user_id: str) -> None:
    await store[CHAT_DATABASE][MESSAGES].delete_many({"user_id": user_id})
    await store[CHAT_DATABASE][CONVERSATIONS].delete_many({"user_id": user_id})


def _conversation_with_everything() -> tuple[str, list[HistoryEvent]]:
    """A conversation of three turns, of which one was imported, and all that can be changed.

    The second turn was answered twice, and its first answer ended by two hands.
    """
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
    title = prompt_of(user_id, conversation_id=first.conversation_id, kind="title")
    titled = end_of(title, text="About frames")
    same: dict[str, Any] = {
        "conversation_id": first.conversation_id,
        "user_id": user_id,
        "at_ms": SUBMITTED_AT_MS + 3_000,
    }
    imported = ImportedMessage(
        message_id=ids.new_ulid(), parent_id="", role="user", content="Hm?", created_at_ms=5
    )
    return user_id, [
        ConversationCreated(**same, system="Be short.", sampling=Sampling(top_k=3)),
        first,
        second,
        title,
        retry,
        titled,
        end_of(first),
        cancelled,
        later,
        ConversationChanged(**same, title="Mine", pinned=True),
        end_of(retry),
        MessagesImported(**same, messages=(imported,)),
        ConversationChanged(**same, archived=True, share_id="S", share_leaf_id="L"),
        ConversationChanged(**same, feedback=Feedback(message_id="M", rating="up", reason="Good")),
        ConversationChanged(**same, feedback=Feedback(message_id="N", rating="down")),
        ConversationChanged(**same, feedback=Feedback(message_id="N", rating="none")),
        ConversationChanged(**same, title="Ours", pinned=False, system="", model="m", leaf_id="x"),
    ]


async def test_a_prompt_after_its_end_does_not_undo_it(store: Store, history: History) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await keep(history, [end, prompt, prompt])

    messages = await messages_of(store, prompt.user_id)
    assert messages[prompt.assistant_message_id] == answer_of(end)
    assert messages.keys() == {prompt.user_message_id, prompt.assistant_message_id}


async def test_of_two_ends_the_one_that_finished_first_counts(
    store: Store, history: History, usage: MongoUsageStore
) -> None:
    prompt = prompt_of()
    first = end_of(prompt, text="first", worker="w1")
    second = end_of(prompt, text="second", worker="w2", finished_at_ms=first.finished_at_ms + 5)

    for order in ([first, second], [second, first]):
        await keep(history, [prompt, *order])
        for end in order:
            await usage.add(usage_document(end))
        messages = await messages_of(store, prompt.user_id)
        assert messages[prompt.assistant_message_id] == answer_of(first)
        assert await usage_of(store, prompt.user_id) == {prompt.reply_id: usage_document(first)}


async def test_both_events_at_once_many_times_give_one_finished_answer(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    await asyncio.gather(*(history.keep(event) for event in [prompt, end] * 8))

    assert await messages_of(store, prompt.user_id) == {
        prompt.user_message_id: question_of(prompt),
        prompt.assistant_message_id: answer_of(end),
    }
    assert await conversations_of(store, prompt.user_id) == {
        prompt.conversation_id: conversation_of(prompt)
    }


async def test_an_event_cannot_touch_another_users_documents(
    store: Store, history: History
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


async def test_temporary_events_leave_no_history(store: Store, history: History) -> None:
    prompt = prompt_of(temporary=True)

    await keep(history, [prompt, end_of(prompt)])

    assert await everything_of(store, prompt.user_id) == []


async def test_a_title_is_the_conversations_and_makes_no_message(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    asked = prompt_of(prompt.user_id, conversation_id=prompt.conversation_id, kind="title")

    await keep(history, [prompt, asked, end_of(asked, text='"What frames are."')])

    conversation = (await conversations_of(store, prompt.user_id))[str(prompt.conversation_id)]
    assert conversation["title"] == "What frames are"
    assert conversation["reply_ids"] == [asked.reply_id]
    assert asked.user_message_id not in await messages_of(store, prompt.user_id)


async def test_of_many_changes_at_once_none_is_lost(store: Store, history: History) -> None:
    prompt = prompt_of()
    same: dict[str, Any] = {"conversation_id": prompt.conversation_id, "user_id": prompt.user_id}
    changes = [ConversationChanged(**same, at_ms=at_ms, title=f"t{at_ms}") for at_ms in range(24)]
    for change in changes:
        history.log.place_of(change)

    await asyncio.gather(*(history.keep(event) for event in [prompt, *changes]))

    everything = await everything_of(store, prompt.user_id)
    (conversation,) = (found for found in everything if "title" in found)
    assert conversation["title"] == "t23"
    assert conversation["log_seqs"] == [history.log.place_of(change) for change in changes]
    assert await titles_found(store, prompt.user_id, "t23") == {prompt.conversation_id}
    assert await titles_found(store, prompt.user_id, "t22") == set()


async def test_a_conversation_of_an_earlier_version_is_listed_and_goes_on(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    earlier = {
        "_id": prompt.conversation_id,
        "user_id": prompt.user_id,
        "title": "",
        "model": "m",
        "created_at_ms": 5,
        "updated_at_ms": 5,
        "rank": 5_000,
        "last_reply_id": "0",
    }
    await store[CHAT_DATABASE][CONVERSATIONS].insert_one(earlier)

    await history.prepare()
    listed = await store[CHAT_DATABASE][CONVERSATIONS].find_one(
        {"user_id": prompt.user_id, "pinned": False, "archived": False}
    )
    await keep(history, [prompt])

    assert listed is not None
    conversation = (await conversations_of(store, prompt.user_id))[str(prompt.conversation_id)]
    assert conversation.pop("touched_at_ms") > SUBMITTED_AT_MS
    expected = conversation_of(prompt)
    del expected["touched_at_ms"]
    assert conversation == {**expected, "created_at_ms": 5}


async def titles_found(store: Store, user_id: str, phrase: str) -> set[str]:
    quoted = f'"{owner_term(user_id)}" "{phrase}"'
    rows = store[CHAT_DATABASE][CONVERSATIONS].find({"$text": {"$search": quoted}})
    return {str(row["_id"]) async for row in rows}


async def test_an_erasure_that_the_broker_refuses_holds_up_no_other(
    store: Store, history: History
) -> None:
    user_id = ids.new_user_id()
    refused, other = prompt_of(user_id), prompt_of(user_id)
    await keep(history, [refused, other])
    history.log.refused = {history.log.place_of(refused)}
    deletions = [
        ConversationDeleted(conversation_id=str(one.conversation_id), user_id=user_id, at_ms=1)
        for one in (refused, other)
    ]
    await keep(history, deletions)
    await history.sweep()
    assert (await conversations_of(store, user_id)).keys() == {refused.conversation_id}

    history.log.refused.clear()
    await history.sweep()
    assert await conversations_of(store, user_id) == {}
    # The second passes are done too.
    await history.sweep()
    assert await history.erasures.due("conversation", 2**50) == []


async def test_a_deleted_conversation_is_gone_from_store_and_log_and_stays_gone(
    store: Store, history: History
) -> None:
    user_id, events = _conversation_with_everything()
    other = prompt_of(user_id)
    await keep(history, [*events, other])
    deleted = ConversationDeleted(
        conversation_id=str(events[1].conversation_id),  # type: ignore[union-attr]
        user_id=user_id,
        at_ms=1,
    )

    for late in ([], events):
        await keep(history, [deleted, *late])
        await history.sweep()
        assert (await conversations_of(store, user_id)).keys() == {other.conversation_id}
        assert (await messages_of(store, user_id)).keys() == {
            other.user_message_id,
            other.assistant_message_id,
        }
        assert history.log.deleted == {history.log.place_of(event) for event in events}
    replies = {event.reply_id for event in events if hasattr(event, "reply_id")}
    assert history.log.purged == replies
    note = await store[CHAT_DATABASE][ERASURES].find_one(
        {"_id": erasure_id(user_id, deleted.conversation_id)}
    )
    assert note is not None
    assert note["messages"] == 6
    assert note["conversations"] == 1
    assert note["done_at_ms"] > 0


async def test_an_erased_user_leaves_nothing_and_others_lose_nothing(
    store: Store, history: History, usage: MongoUsageStore
) -> None:
    user_id, events = _conversation_with_everything()
    other = prompt_of()
    gone = UserErased(user_id=user_id, at_ms=1)
    await store[ACCOUNTS_DATABASE][USERS].insert_one({"_id": user_id, "name": "Ada"})
    await store[ACCOUNTS_DATABASE][EMAILS].insert_one({"_id": f"m{user_id}", "user_id": user_id})
    await keep(history, [*events, other])
    await usage.add(usage_document(end_of(prompt_of(user_id))))

    await keep(history, [gone])
    await history.sweep()
    await keep(history, events)
    assert await usage_of(store, user_id) == {}
    await usage.add(usage_document(end_of(prompt_of(user_id))))
    await history.sweep()

    assert await everything_of(store, user_id) == []
    assert await usage_of(store, user_id) == {}
    for name in (USERS, EMAILS):
        assert await store[ACCOUNTS_DATABASE][name].find_one({"_id": user_id}) is None
        assert await store[ACCOUNTS_DATABASE][name].find_one({"user_id": user_id}) is None
    assert history.log.users == {user_id}
    assert (await conversations_of(store, other.user_id)).keys() == {other.conversation_id}


async def test_the_report_of_an_erasure_counts_also_what_a_pass_that_broke_off_removed(
    store: Store, history: History
) -> None:
    user_id, events = _conversation_with_everything()
    await keep(history, [*events, UserErased(user_id=user_id, at_ms=1)])
    history.log.breaks_off = True
    with pytest.raises(LogUnavailable):
        await history.sweep()
    await history.sweep()

    report = await store[CHAT_DATABASE][ERASURES].find_one({"_id": erasure_id(user_id, "")})
    assert report is not None
    assert (report["conversations"], report["messages"]) == (1, 6)
    assert report["log_events"] == 2
    assert report["reply_frames"] == len(history.log.purged) > 0
    assert report["done_at_ms"] > 0


async def test_what_was_being_written_while_it_was_erased_goes_in_a_second_pass(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    await keep(history, [prompt])
    conversation_id = str(prompt.conversation_id)
    deleted = ConversationDeleted(conversation_id=conversation_id, user_id=prompt.user_id, at_ms=1)
    await keep(history, [deleted])
    await history.sweep()
    # As another process would that had looked before.
    await history.store.add_turn(messages_of_prompt(prompt, history.log.place_of(prompt)))
    assert await everything_of(store, prompt.user_id) != []

    await history.sweep()

    assert await everything_of(store, prompt.user_id) == []
    assert await history.erasures.due("conversation", 2**50) == []


async def test_an_end_that_comes_while_its_conversation_is_erased_goes_with_it(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    end = end_of(prompt)
    await keep(history, [prompt])
    deleted = ConversationDeleted(
        conversation_id=str(prompt.conversation_id), user_id=prompt.user_id, at_ms=1
    )

    await keep(history, [deleted, end])
    await history.sweep()

    assert history.log.deleted == {history.log.place_of(event) for event in (prompt, end)}
    assert await everything_of(store, prompt.user_id) == []


async def test_a_deletion_cannot_touch_another_users_conversation(
    store: Store, history: History
) -> None:
    prompt = prompt_of()
    await keep(history, [prompt])
    stranger = ids.new_user_id()
    foreign: dict[str, Any] = {
        "conversation_id": prompt.conversation_id,
        "user_id": stranger,
        "at_ms": 1,
    }

    await keep(history, [ConversationChanged(**foreign, title="Mine")])
    await keep(history, [ConversationDeleted(**foreign), end_of(prompt)])
    await history.sweep()

    assert (await conversations_of(store, prompt.user_id)) == {
        prompt.conversation_id: conversation_of(prompt)
    }
    assert len(await messages_of(store, prompt.user_id)) == 2


async def test_a_search_finds_whole_phrases_of_one_user_only(
    store: Store, history: History
) -> None:
    first, second = prompt_of(), prompt_of()
    for prompt in (first, second):
        await keep(history, [prompt, end_of(prompt, text="Ada's café serves red tea.")])

    async def found(user_id: str, *phrases: str) -> set[str]:
        quoted = " ".join(f'"{phrase}"' for phrase in (owner_term(user_id), *phrases))
        rows = store[CHAT_DATABASE][MESSAGES].find({"$text": {"$search": quoted}})
        return {str(row["_id"]) async for row in rows}

    assert await found(first.user_id, "red tea") == {first.assistant_message_id}
    assert await found(first.user_id, "tea", "café") == {first.assistant_message_id}
    assert await found(first.user_id, "tea red") == set()
    assert await found(first.user_id, "frame") == {first.user_message_id}


@pytest.mark.parametrize(
    "text",
    ["", "a\x00b", "😀 \u202e ' \" $where {}", "2026-01-01", "a.b", "\ud83d", "x" * 3_000_000],
)
async def test_any_text_comes_back_as_it_was(store: Store, history: History, text: str) -> None:
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
    store: Store, history: History, usage: MongoUsageStore
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
