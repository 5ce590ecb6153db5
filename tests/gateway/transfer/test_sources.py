"""Files become trees, however broken they are."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.transfer.attachment import disposition
from gateway.transfer.import_events import Import
from gateway.transfer.import_file import open_file
from gateway.transfer.import_ids import ImportIds
from gateway.transfer.loose_json import checked_text
from gateway.transfer.planning import Plan, Planner
from schemas.events import (
    ConversationChanged,
    ConversationCreated,
    ImportedMessage,
    MessagesImported,
    encode_event,
)
from schemas.ids import is_ulid, made_at_ms
from tests.gateway.transfer.samples import chatgpt, message, node, own, own_conversation

NOW_MS = 1_800_000_000_000
LIMIT = 1_000_000


def plans(file: Any, at_ms: int = NOW_MS, salt: str = "key") -> list[Plan]:
    opened = open_file(file if isinstance(file, bytes) else msgspec.json.encode(file))
    planner = Planner(opened, Import("u" * 20, ImportIds("u" * 20, salt), at_ms), LIMIT)
    return [planner.plan(index) for index in range(len(opened.conversations))]


def messages(plan: Plan) -> list[ImportedMessage]:
    chunks = [event for event in plan.events if isinstance(event, MessagesImported)]
    return [message for chunk in chunks for message in chunk.messages]


def paths(plan: Plan) -> set[tuple[str, ...]]:
    """Return each message with those above it."""
    by_id: dict[str, tuple[str, ...]] = {"": ()}
    for found in messages(plan):
        # Also says that parents come before children, and that no id comes twice.
        assert found.message_id not in by_id
        by_id[found.message_id] = (*by_id[found.parent_id], found.content)
    return set(by_id.values()) - {()}


def test_chatgpts_mapping_becomes_questions_and_answers() -> None:
    (plan,) = plans([chatgpt()])
    first = ("How warm is it?",)
    looked = (*first, "I looked.\n\n21 degrees.")
    picture = (*looked, "And this?")
    assert paths(plan) == {
        first,
        (*first, "Quite warm."),
        looked,
        picture,
        (*picture, "A picture."),
    }
    created, changed = plan.events[0], plan.events[-1]
    assert isinstance(created, ConversationCreated)
    assert isinstance(changed, ConversationChanged)
    assert (created.title, created.model) == ("The <b>weather</b>", "gpt-4o")
    assert (created.created_at_ms, created.updated_at_ms) == (1_700_000_000_500, 1_700_000_060_000)
    by_id = {message.message_id: message for message in messages(plan)}
    assert by_id[changed.leaf_id or ""].content == "Quite warm."
    question = next(m for m in by_id.values() if m.content == "How warm is it?")
    assert made_at_ms(question.message_id) == question.created_at_ms == 1_700_000_010_250
    assert plan.lost == ""


def test_a_chosen_node_that_is_not_kept_stands_for_the_message_above_it() -> None:
    (plan,) = plans([chatgpt(current_node="thought")])
    changed = plan.events[-1]
    assert isinstance(changed, ConversationChanged)
    chosen = next(m for m in messages(plan) if m.message_id == changed.leaf_id)
    assert chosen.content == "I looked.\n\n21 degrees."


def test_alternatives_are_never_joined() -> None:
    mapping = {
        "q": node(None, "user", "?"),
        "a": node("q", "assistant", "a"),
        "b": node("a", "assistant", "b"),
        "c": node("a", "assistant", "c"),
    }
    (plan,) = plans([chatgpt(mapping=mapping)])
    assert paths(plan) == {("?",), ("?", "a"), ("?", "a", "b"), ("?", "a", "c")}


def test_a_very_long_line_of_replies_neither_recurses_nor_takes_long() -> None:
    mapping = {
        f"n{i}": node(f"n{i - 1}" if i else None, "assistant", "x" * 100) for i in range(20_000)
    }
    (plan,) = plans([chatgpt(mapping=mapping)])
    assert sum(len(m.content.replace("\n", "")) for m in messages(plan)) == 2_000_000


def test_our_own_format_keeps_everything() -> None:
    (plan,) = plans(own(own_conversation()))
    created, changed = plan.events[0], plan.events[-1]
    assert isinstance(created, ConversationCreated)
    assert isinstance(changed, ConversationChanged)
    assert created.system == "Be brief."
    assert created.sampling is not None
    assert (created.sampling.temperature, created.sampling.stop) == (0.5, ("END",))
    assert (changed.pinned, changed.archived) == (True, None)
    assert paths(plan) >= {("Hello\0 # you", "```\nnot closed")}
    assert plan.messages == 5


def test_what_is_broken_is_left_out_and_counted() -> None:
    sent = own_conversation(
        sampling={"temperature": 9},
        system="x" * 200_000,
        created_at_ms=-5,
        updated_at_ms=10**17,
        messages=[
            message("m1", None, "user", "kept"),
            message("m1", None, "user", "repeated"),
            message("m2", "nowhere", "user", "orphan"),
            message("m3", "m4", "user", "circle"),
            message("m4", "m3", "user", "circle"),
            message("m5", "m5", "user", "circle"),
            message("m6", "m1", "tool", "wrong role"),
            message("m7", "m6", "assistant", "hangs on kept", created_at_ms="soon"),
            message("m8", "m7", "user", "x" * (LIMIT + 1)),
            message("m9", "m8", "user", "hangs on m7"),
            message("", None, "user", "no id"),
            "no message",
            message(None, 7, None, None),
        ],
    )
    (plan,) = plans(own(sent))
    assert paths(plan) == {
        ("kept",),
        ("orphan",),
        ("kept", "hangs on kept"),
        ("kept", "hangs on kept", "hangs on m7"),
    }
    assert plan.lost == (
        "Imported without 1 system prompt that is too long, "
        "1 set of sampling parameters that is not valid, 4 message(s) of no valid form, "
        "1 message(s) with the id of another, 1 link(s) to messages that are not there, "
        "1 message(s) that are too large, 3 message(s) that hang on each other in a circle."
    )
    created = plan.events[0]
    assert isinstance(created, ConversationCreated)
    assert created.created_at_ms == 1_700_000_000_001
    times = {m.content: m.created_at_ms for m in messages(plan)}
    assert times["hangs on kept"] == times["kept"]


def test_without_any_time_ids_are_the_same_later() -> None:
    mapping = {"q": node(None, "user", "?", at=1e300)}
    sent = chatgpt(mapping=mapping, create_time="x", update_time=True)
    first, later = (messages(plans([sent], at)[0])[0] for at in (NOW_MS, NOW_MS + 10**7))
    assert first.message_id == later.message_id
    assert first.created_at_ms == NOW_MS


def test_ids_belong_to_a_user_a_key_and_a_conversation() -> None:
    file = [chatgpt(), chatgpt(conversation_id="c-2"), chatgpt(conversation_id=None)]
    found = [m.message_id for plan in plans(file) for m in messages(plan)]
    found += [m.message_id for plan in plans(file, salt="another") for m in messages(plan)]
    assert len(found) == len(set(found)) == 30
    assert all(is_ulid(message_id) for message_id in found)


def test_a_conversation_that_stands_in_the_file_twice_is_imported_once() -> None:
    first, second = plans([chatgpt(), chatgpt()])
    assert first.messages == 5
    assert (second.events, second.lost) == (
        [],
        "Another conversation of the file has the same id.",
    )


def test_events_stay_small() -> None:
    sent = [message(f"m{i}", None, "user", "é" * 50_000) for i in range(1, 40)]
    (plan,) = plans(own(own_conversation(messages=sent, title="t" * 10**6)))
    assert max(len(encode_event(event)) for event in plan.events) < 512_000
    assert plan.messages == 39


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"a": "\xc3"}', "not UTF-8"),
        (b"[]", "no conversations"),
        (b"{}", "neither"),
        (b'"x"', "neither"),
        (b"null", "neither"),
        (b"[" * 10**6, "nested too deeply"),
        (b'{"format":"rivulet.conversations","version":2,"conversations":[]}', "version 1"),
        (b'{"format":"rivulet.conversations","version":true}', "version 1"),
        (b'{"format":"rivulet.conversations","version":1}', "must be a list"),
        (b'{"format":"rivulet.conversations","version":1,"conversations":[]}', "no conversations"),
        (b"[" + b"1," * 30_000 + b"1]", "at most 10000"),
        (b"[" + b"1," * 7_000_000 + b"1]", "too many values"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(body: bytes, what: str) -> None:
    with pytest.raises(BadRequest, match=what):
        open_file(body)


def test_halves_of_surrogate_pairs_are_replaced_and_pairs_are_kept() -> None:
    body = rb'["\ud83d\ude00", "\ud83d", "\ude00x", "\\ud83d", "\ud83d\ud83d\ude00"]'
    assert msgspec.json.decode(checked_text(body)) == [
        "😀",
        "\ufffd",
        "\ufffdx",
        r"\ud83d",
        "\ufffd😀",
    ]


def test_a_file_name_is_safe() -> None:
    name = disposition('../a"\r\nb\u202e 🌊/é', "json")["Content-Disposition"]
    assert name.isascii()
    assert name.startswith("attachment; filename=\"a-b-e.json\"; filename*=UTF-8''a%20b%20%F0")
    assert disposition("\ud800/..", "md")["Content-Disposition"].count("conversation.md") >= 1


IDS = st.sampled_from(["a", "b", "c", "d", "e", ""])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
NODES = ANYTHING | st.fixed_dictionaries(
    {
        "parent": IDS | ANYTHING,
        "message": st.fixed_dictionaries(
            {
                "author": st.fixed_dictionaries(
                    {"role": st.sampled_from(["user", "assistant", "system"]) | ANYTHING}
                ),
                "content": st.fixed_dictionaries(
                    {"content_type": st.just("text"), "parts": st.lists(ANYTHING, max_size=2)}
                )
                | ANYTHING,
            },
            optional={"create_time": ANYTHING, "metadata": ANYTHING},
        )
        | ANYTHING,
    }
)
HOSTILE = st.fixed_dictionaries(
    {"mapping": st.dictionaries(IDS, NODES)},
    optional=dict.fromkeys(
        ("title", "create_time", "update_time", "current_node", "conversation_id"), ANYTHING | IDS
    ),
)
OWN = st.fixed_dictionaries(
    {
        "id": IDS,
        "messages": st.lists(
            ANYTHING
            | st.fixed_dictionaries(
                {
                    "id": IDS | ANYTHING,
                    "parent_id": IDS | ANYTHING,
                    "role": st.sampled_from(["user", "assistant"]) | ANYTHING,
                    "content": st.text(max_size=3) | ANYTHING,
                    "created_at_ms": ANYTHING,
                }
            )
        ),
    },
    optional=dict.fromkeys(
        ("title", "model", "system", "sampling", "pinned", "leaf_id", "created_at_ms"), ANYTHING
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HOSTILE | ANYTHING, min_size=1, max_size=3))
def test_no_mapping_is_too_broken(file: list[Any]) -> None:
    are_sound(plans(file))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OWN | ANYTHING, min_size=1, max_size=3))
def test_no_conversation_is_too_broken(conversations: list[Any]) -> None:
    are_sound(plans(own(*conversations)))


def are_sound(found: list[Plan]) -> None:
    for plan in found:
        assert plan.events or plan.lost
        paths(plan)
        for event in plan.events:
            encode_event(event)
            assert is_ulid(event.conversation_id or "")
        known = {m.message_id for m in messages(plan)}
        changes = [event for event in plan.events if isinstance(event, ConversationChanged)]
        assert all(change.leaf_id in {None, *known} for change in changes)
        assert all(0 < m.created_at_ms <= NOW_MS for m in messages(plan))
