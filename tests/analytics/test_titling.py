"""Who asks for a title, and how often, with the real store and a log that fails on demand."""

from collections.abc import AsyncIterator

import pytest

from analytics.erasure_store import MongoErasureStore
from analytics.errors import LogUnavailable
from analytics.store_client import Store, open_store
from analytics.title_prompt import new_claim, title_prompt
from analytics.title_store import MongoTitleStore
from analytics.titling import Titling
from schemas import ids
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, TITLES
from schemas.events import ChatMessage, PromptSubmitted, Sampling
from tests.analytics.replies import SECRET, end_of, prompt_of
from tests.analytics.title_events import Turn, turn_now


class MemoryTitleLog:
    """Remembers prompts; ``broken`` takes none, as a process that dies before it publishes."""

    def __init__(self) -> None:
        self.prompts: dict[str, PromptSubmitted] = {}
        self.published: list[PromptSubmitted] = []
        self.broken = False

    async def prompt(self, user_id: str, reply_id: str) -> PromptSubmitted | None:
        """Return a user's prompt."""
        found = self.prompts.get(reply_id)
        return found if found is not None and found.user_id == user_id else None

    async def publish(self, prompt: PromptSubmitted) -> None:
        """Keep a prompt."""
        if self.broken:
            raise LogUnavailable
        self.prompts[prompt.reply_id] = prompt
        self.published.append(prompt)


class Desk:
    """Titling with a clock that a test moves; the log has every prompt that it is given."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.titles = MongoTitleStore(store)
        self.erasures = MongoErasureStore(store)
        self.log = MemoryTitleLog()
        self.now_ms = 0
        self.titling = Titling(self.titles, self.erasures, self.log, SECRET, lambda: self.now_ms)

    async def entitle(self, turn: Turn) -> None:
        """Let a turn end now."""
        prompt, end = turn
        self.log.prompts[prompt.reply_id] = prompt
        self.now_ms = self.now_ms or end.finished_at_ms
        await self.titling.entitle(end)

    async def fail(self, turn: Turn) -> None:
        """Let the process die between claim and prompt."""
        self.log.broken = True
        with pytest.raises(LogUnavailable):
            await self.entitle(turn)
        self.log.broken = False


@pytest.fixture
async def desk(mongo_url: str) -> AsyncIterator[Desk]:
    async with open_store(mongo_url) as store:
        desk = Desk(store)
        await desk.titles.prepare()
        await desk.erasures.prepare()
        yield desk


async def test_the_first_completed_reply_asks_and_no_other(desk: Desk) -> None:
    first = turn_now(messages=(ChatMessage("system", "S"), ChatMessage("user", "What is it?")))
    same = {"user_id": first[0].user_id, "conversation_id": first[0].conversation_id}
    for status in ("failed", "cancelled"):
        await desk.entitle(turn_now(**same, end={"status": status}))
    assert desk.log.published == []
    await desk.entitle(first)
    await desk.entitle(first)
    await desk.entitle(turn_now(**same))
    (asked,) = desk.log.published
    assert (asked.kind, asked.client, asked.temporary) == ("title", "internal", False)
    assert asked.conversation_id == first[0].conversation_id
    assert asked.sampling == Sampling(max_tokens=24, temperature=0.2)
    assert asked.deadline_ms - asked.submitted_at_ms == 60_000
    assert ids.owns_reply(SECRET, asked.user_id, asked.reply_id)
    (message,) = asked.messages
    assert "at most six words" in message.content
    assert "Question: What is it?" in message.content
    assert first[1].text in message.content


@pytest.mark.parametrize(
    "turn",
    [
        turn_now(temporary=True),
        turn_now(kind="title"),
        turn_now(conversation_id=None),
        turn_now(end={"text": " \n"}),
        turn_now(end={"status": "failed"}),
    ],
    ids=["temporary", "title", "completion", "empty", "failed"],
)
async def test_what_wants_no_title_asks_for_none(desk: Desk, turn: Turn) -> None:
    await desk.entitle(turn)
    assert desk.log.published == []
    assert await desk.store[CHAT_DATABASE][TITLES].find_one({"user_id": turn[0].user_id}) is None


@pytest.mark.parametrize(("title_by", "asks"), [("user", 0), ("model", 0), ("prompt", 1), ("", 1)])
async def test_a_title_of_its_owners_stays(desk: Desk, title_by: str, asks: int) -> None:
    turn = turn_now()
    await desk.store[CHAT_DATABASE][CONVERSATIONS].insert_one(
        {"_id": turn[0].conversation_id, "user_id": turn[0].user_id, "title_by": title_by}
    )
    await desk.entitle(turn)
    assert len(desk.log.published) == asks


async def test_a_reply_of_long_ago_asks_for_nothing_and_the_next_one_does(desk: Desk) -> None:
    old = prompt_of(submitted_at_ms=1_000)
    desk.now_ms = 10_000_000
    await desk.entitle((old, end_of(old)))
    assert desk.log.published == []
    next_one = prompt_of(
        old.user_id, conversation_id=old.conversation_id, submitted_at_ms=desk.now_ms
    )
    await desk.entitle((next_one, end_of(next_one)))
    assert len(desk.log.published) == 1


async def test_without_its_prompt_in_the_log_a_reply_leaves_the_title_to_the_next(
    desk: Desk,
) -> None:
    prompt, end = turn_now()
    desk.now_ms = end.finished_at_ms
    await desk.titling.entitle(end)
    assert desk.log.published == []
    await desk.entitle(turn_now(prompt.user_id, conversation_id=prompt.conversation_id))
    assert len(desk.log.published) == 1


async def test_whoever_dies_after_its_claim_sends_the_same_prompt_when_it_comes_again(
    desk: Desk,
) -> None:
    turn = turn_now()
    await desk.fail(turn)
    claim = await desk.titles.claim_of(str(turn[0].conversation_id))
    assert claim is not None
    # Only the same reply goes on.
    await desk.entitle(turn_now(turn[0].user_id, conversation_id=turn[0].conversation_id))
    assert desk.log.published == []
    desk.now_ms += 59_000
    await desk.entitle(turn)
    assert desk.log.published == [title_prompt(*turn, claim)]
    # And however late it comes once more.
    desk.now_ms += 86_400_000
    await desk.entitle(turn)
    assert len(desk.log.published) == 1


async def test_a_prompt_that_would_come_after_its_deadline_gets_a_new_one(desk: Desk) -> None:
    turn = turn_now()
    await desk.fail(turn)
    desk.now_ms += 7_200_000
    await desk.entitle(turn)
    await desk.entitle(turn)
    (asked,) = desk.log.published
    assert asked.submitted_at_ms == desk.now_ms


@pytest.mark.parametrize("what", ["user", "conversation"])
async def test_what_was_erased_gets_no_title_and_leaves_no_claim(desk: Desk, what: str) -> None:
    turn = turn_now()
    user_id, conversation_id = turn[0].user_id, str(turn[0].conversation_id)
    await desk.fail(turn)
    await desk.erasures.note(user_id, "" if what == "user" else conversation_id, "user", 1)
    await desk.entitle(turn)
    assert desk.log.published == []
    assert await desk.titles.claim_of(conversation_id) is None


@pytest.mark.parametrize("what", ["user", "conversation"])
async def test_an_erasure_takes_the_claim_with_it(desk: Desk, what: str) -> None:
    turn, other = turn_now(), turn_now()
    user_id, conversation_id = turn[0].user_id, str(turn[0].conversation_id)
    await desk.entitle(turn)
    await desk.entitle(other)
    await desk.erasures.forget(user_id, "" if what == "user" else conversation_id)
    assert await desk.titles.claim_of(conversation_id) is None
    assert await desk.titles.claim_of(str(other[0].conversation_id)) is not None


def test_a_title_is_made_from_the_first_question_and_answer_cut_short() -> None:
    messages = (
        ChatMessage("user", "Q" * 3_000),
        ChatMessage("assistant", "A" * 3_000),
        ChatMessage("user", "Later?"),
    )
    prompt, end = turn_now(messages=messages)
    content = (
        title_prompt(prompt, end, new_claim(end, SECRET, end.finished_at_ms)).messages[0].content
    )
    assert (content.count("Q" * 2_000), content.count("A" * 2_000)) == (1, 1)
    assert "Q" * 2_001 not in content
    assert "A" * 2_001 not in content
    assert "Later?" not in content
