"""A conversation that outgrows its model's context: the oldest turns are left out, and counted."""

from collections.abc import AsyncIterator

import pytest

from gateway.admission import AskedPrompt
from gateway.errors import BodyTooLarge, PromptTooLong
from gateway.model_directory import ModelState
from gateway.store_client import open_store
from gateway.trimming import Messages, parts_of, trimmed
from schemas.beacon import CountAnswer
from schemas.documents import CHAT_DATABASE, MESSAGES
from schemas.events import ChatMessage, Sampling
from tests.gateway.eventually import eventually
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.talk import Talk, contents, following, talking

CONTEXT = 1_000
MODEL = ModelState("m", ready=True, max_model_len=CONTEXT)


def said(*contents: str) -> Messages:
    """Return a conversation; upper case is the user's, ``.`` begins the system's."""
    roles = {True: "user", False: "assistant"}
    return tuple(
        ChatMessage("system" if text[0] == "." else roles[text.isupper()], text)  # type: ignore[arg-type]
        for text in contents
    )


def asked(*contents: str, max_tokens: int | None = None, omitted: int = 0) -> AskedPrompt:
    return AskedPrompt(
        user_id="u",
        model="m",
        messages=said(*contents),
        sampling=Sampling(max_tokens=max_tokens),
        client="api",
        may_trim=True,
        omitted_messages=omitted,
    )


class Letters:
    """Counts a token for each character; carries no more than ``most`` of them."""

    def __init__(self, most: int = 10**9) -> None:
        self.most = most
        self.requests = 0

    async def count(self, model: str, messages: Messages) -> CountAnswer | None:
        del model
        self.requests += 1
        tokens = sum(len(message.content) for message in messages)
        if tokens > self.most:
            raise BodyTooLarge
        return CountAnswer(tokens, CONTEXT)


class Nobody:
    """No worker answers."""

    async def count(self, model: str, messages: Messages) -> CountAnswer | None:
        del model, messages
        return None


def test_a_turn_is_a_question_with_what_follows_it() -> None:
    parts = parts_of(said(".s", "hello", "A", "a", "B", "C", "c", "Q"))
    assert parts.system == said(".s")
    assert parts.turns == (said("hello"), said("A", "a"), said("B"), said("C", "c"))
    assert parts.question == said("Q")
    assert parts.without(2) == said(".s", "B", "C", "c", "Q")
    assert parts.messages_in(2) == 3
    assert parts_of(said("Q")) == ((), (), said("Q"))


async def test_the_fewest_turns_are_left_out() -> None:
    turns = [text for letter in "ABCDEFGH" for text in (letter * 100, letter.lower() * 100)]
    counter = Letters()
    # 1,000 less a quarter for the reply hold the question, the system prompt and three turns.
    prompt = await trimmed(counter, MODEL, asked(".s", *turns, "Q", omitted=2))
    assert [message.content[0] for message in prompt.messages] == [".", *"FfGgHh", "Q"]
    assert prompt.omitted_messages == 2 + 10
    assert counter.requests <= 4
    # A short reply leaves room for more.
    prompt = await trimmed(Letters(), MODEL, asked(".s", *turns, "Q", max_tokens=50))
    assert prompt.omitted_messages == 8


@pytest.mark.parametrize("fits", range(12))
async def test_every_number_of_turns_may_be_left_out(fits: int) -> None:
    old = ["X" * 400, "x" * 400] * (11 - fits)
    prompt = await trimmed(Letters(), MODEL, asked(*old, *["A", "a"] * fits, "Q"))
    assert prompt.omitted_messages == len(old)
    assert prompt.messages == said(*["A", "a"] * fits, "Q")


@pytest.mark.parametrize("said_so_far", [("A", "a", "Q"), ("Q" * 800,)])
async def test_a_prompt_that_certainly_fits_is_not_counted(said_so_far: tuple[str, ...]) -> None:
    counter = Letters()
    prompt = asked(*said_so_far)
    assert await trimmed(counter, MODEL, prompt) == prompt
    assert counter.requests == 0


async def test_a_question_that_leaves_little_room_is_asked_alone() -> None:
    prompt = await trimmed(Letters(), MODEL, asked("A", "a", "Q" * 999))
    assert (prompt.omitted_messages, len(prompt.messages)) == (2, 1)
    for text in ("Q" * 1_000, "Q" * 5_000):
        with pytest.raises(PromptTooLong):
            await trimmed(Letters(), MODEL, asked("A", "a", text))


async def test_what_the_broker_cannot_carry_does_not_fit() -> None:
    turns = ["A" * 600, "a" * 600] * 20
    prompt = await trimmed(Letters(most=2_000), MODEL, asked(*turns, "B", "b", "Q"))
    assert prompt.omitted_messages == len(turns)
    with pytest.raises(BodyTooLarge):
        await trimmed(Letters(most=2_000), MODEL, asked("Q" * 3_000))


async def test_without_anybody_to_count_a_prompt_stays_whole() -> None:
    prompt = asked("A" * 2_000, "a", "Q")
    assert await trimmed(Nobody(), MODEL, prompt) == prompt
    assert await trimmed(Letters(), MODEL._replace(ready=False), prompt) == prompt


@pytest.fixture
async def talk(
    gateway: GatewayProcess, mongo_url: str, nats_url: str, model: str
) -> AsyncIterator[Talk]:
    """The worker's model has a context of 1,000 characters."""
    async with (
        StandInWorker.serving(nats_url, model, max_model_len=CONTEXT) as worker,
        talking(gateway, mongo_url, worker) as talk,
    ):
        path = f"/v1/models/{model}"
        await eventually(lambda: talk.http.get(path), lambda got: got.json().get("ready"))
        yield talk


@pytest.mark.usefixtures("history")
async def test_a_long_conversation_goes_on_without_its_oldest_turns(
    talk: Talk, mongo_url: str
) -> None:
    last = await talk.turn("A" * 200, "a" * 100)
    for letter in "BC":
        last = await talk.turn(letter * 200, letter.lower() * 100, **following(last))
    assert last["omitted_messages"] == 2
    last = await talk.say("D" * 200, **following(last))
    prompt = await talk.asked()
    assert [text[0] for text in contents(prompt)] == [*"CcD"]
    assert prompt.omitted_messages == last["omitted_messages"] == 4
    async with open_store(mongo_url) as store:
        rows = store[CHAT_DATABASE][MESSAGES]
        await eventually(
            lambda: rows.find_one({"_id": last["assistant_message_id"]}),
            lambda row: row and row.get("omitted_messages") == 4,
        )
    too_long = await talk.refusal("E" * 1_000, **following(last))
    assert too_long == (400, "context_length_exceeded", "messages")


async def test_what_was_left_out_before_counts_where_only_the_log_knows_the_branch(
    talk: Talk,
) -> None:
    last = await talk.turn("A" * 300, "a" * 300, temporary=True)
    last = await talk.turn("B" * 300, "b" * 300, temporary=True, **following(last))
    assert last["omitted_messages"] == 2
    last = await talk.turn("C" * 300, "c" * 300, temporary=True, **following(last))
    assert last["omitted_messages"] == 4


async def test_a_chat_completion_is_never_trimmed(talk: Talk) -> None:
    messages = [
        {"role": "user", "content": "A" * 600},
        {"role": "assistant", "content": "a" * 600},
        {"role": "user", "content": "B"},
    ]
    answer = await talk.http.post(
        "/v1/chat/completions", json={"model": talk.worker.model, "messages": messages}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"
