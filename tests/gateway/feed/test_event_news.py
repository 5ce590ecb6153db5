"""What each event of the log says to devices."""

import msgspec
import pytest

from gateway.errors import FeedCursorRefused
from gateway.feed.event_news import news_of
from gateway.feed.feed_cursor import FeedCursor, format_feed_cursor, parse_feed_cursor
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    Event,
    Failure,
    ImportedMessage,
    MessagesImported,
    PromptDied,
    UserErased,
)
from schemas.ids import new_ulid
from tests.gateway.feed.devices import finished_of, now_ms, prompt_of

USER = "u" * 20
ABOUT = {"conversation_id": "C", "user_id": USER, "at_ms": 1}


def said(event: Event) -> list[dict[str, object]]:
    return [msgspec.to_builtins(news.message) for news in news_of(event, 7)]


def test_a_first_prompt_makes_a_conversation_and_begins_a_reply() -> None:
    prompt = prompt_of(USER)
    reply = {
        "reply_id": prompt.reply_id,
        "conversation_id": prompt.conversation_id,
        "user_message_id": prompt.user_message_id,
        "assistant_message_id": prompt.assistant_message_id,
        "temporary": False,
    }
    assert said(prompt) == [
        {"conversation_id": prompt.conversation_id, "change": "created", "model": "m"},
        {**reply, "state": "running"},
    ]
    assert said(finished_of(prompt)) == [{**reply, "state": "finished", "status": "completed"}]


def test_other_prompts_make_no_conversation() -> None:
    (later,) = said(prompt_of(USER, parent_id="P"))
    assert (later["state"], later["parent_id"]) == ("running", "P")
    # Another version of the first message.
    assert len(said(prompt_of(USER, conversation_id=new_ulid(now_ms() - 3_600_000)))) == 1
    (temporary,) = said(prompt_of(USER, temporary=True))
    assert temporary["temporary"] is True
    (alone,) = said(prompt_of(USER, conversation_id=None))
    assert alone["conversation_id"] is None


def test_a_title_of_the_model_says_to_read_the_conversation_again() -> None:
    prompt = prompt_of(USER, kind="title")
    assert said(prompt) == []
    again = {"conversation_id": prompt.conversation_id, "change": "changed"}
    assert said(finished_of(prompt)) == [again]
    assert said(finished_of(prompt, status="failed", error=Failure("poison", "x"))) == []
    assert said(finished_of(prompt_of(USER, kind="title", conversation_id=None))) == []


def test_a_change_has_the_fields_that_changed() -> None:
    assert said(ConversationChanged(**ABOUT, title="T", pinned=False, share_id="")) == [
        {
            "conversation_id": "C",
            "change": "changed",
            "title": "T",
            "pinned": False,
            "share_id": "",
        }
    ]
    assert said(ConversationChanged(**ABOUT)) == [{"conversation_id": "C", "change": "changed"}]


def test_what_becomes_of_a_conversation() -> None:
    assert said(ConversationCreated(**ABOUT, title="T")) == [
        {"conversation_id": "C", "change": "created", "title": "T"}
    ]
    assert said(ConversationDeleted(**ABOUT)) == [{"conversation_id": "C", "change": "deleted"}]
    message = ImportedMessage(
        message_id="M", parent_id="", role="user", content="x", created_at_ms=1
    )
    assert said(MessagesImported(**ABOUT, messages=(message,))) == [
        {"conversation_id": "C", "change": "imported"}
    ]


def test_other_events_say_nothing() -> None:
    died = PromptDied(
        prompt=prompt_of(USER), error=Failure("poison", "x"), attempts=1, died_at_ms=1
    )
    assert said(died) == []
    assert said(UserErased(user_id=USER, at_ms=1)) == []


def test_each_message_of_an_event_has_a_cursor_of_its_own() -> None:
    cursors = [news.cursor for news in news_of(prompt_of(USER), 7)]
    assert cursors == [FeedCursor(7, 1), FeedCursor(7)]
    assert [format_feed_cursor(cursor) for cursor in cursors] == ["c-7.1", "c-7"]
    assert [parse_feed_cursor(format_feed_cursor(cursor)) for cursor in cursors] == cursors


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c-",
        "c-x",
        "7",
        "c--1",
        "c-1.0",
        "c-1.",
        "c-1.12",
        "C-1",
        "c-1 ",
        "c-\u0661",
        "c-" + "9" * 19,
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(FeedCursorRefused):
        parse_feed_cursor(text)
