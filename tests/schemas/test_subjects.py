"""Subjects: no text that comes from outside can change what a subject means."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import subjects

# What a nats-server accepts within one token and a durable's name, and nothing that it reads as
# more than a letter.
SAFE_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
short_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=16)
USER = "u" * 20


@given(short_texts)
def test_any_model_id_becomes_one_safe_token_and_comes_back(model: str) -> None:
    token = subjects.encode_model(model)
    assert SAFE_TOKEN.fullmatch(token)
    assert subjects.decode_model(token) == model


@given(short_texts, short_texts)
def test_different_models_have_different_tokens(one: str, other: str) -> None:
    assert (subjects.encode_model(one) == subjects.encode_model(other)) == (one == other)


@pytest.mark.parametrize("character", [".", "*", ">", " ", "/", "\\", "\t", "\n", "\0", "$", "_"])
def test_a_character_with_a_meaning_in_subjects_is_escaped(character: str) -> None:
    token = subjects.encode_model(f"a{character}b")
    assert token == f"a_{ord(character):02X}b"


def test_a_hub_id_stays_readable() -> None:
    assert subjects.encode_model("Qwen/Qwen3-0.6B") == "Qwen_2FQwen3-0_2E6B"


@pytest.mark.parametrize("model", ["", "x" * 201, "/" * 67, "水" * 23])
def test_a_model_id_that_makes_no_token_is_refused(model: str) -> None:
    with pytest.raises(subjects.ModelNameError, match="1-200 characters"):
        subjects.encode_model(model)


def test_the_longest_model_id_makes_a_valid_consumer_name() -> None:
    assert len(subjects.worker_consumer("x" * 200)) <= 255


@given(st.text(max_size=40))
def test_a_lane_is_stable_and_one_of_64(conversation_id: str) -> None:
    lane = subjects.lane_of(conversation_id)
    assert 0 <= lane < subjects.LANES
    assert subjects.lane_of(conversation_id) == lane


def test_lanes_are_the_same_in_every_version() -> None:
    assert [subjects.lane_of(text) for text in ("", "a", "conversation")] == [52, 47, 0]


def test_conversations_spread_over_the_lanes() -> None:
    assert len({subjects.lane_of(f"conversation {i}") for i in range(1_000)}) == subjects.LANES


def test_every_subject_of_a_fact_tells_its_user() -> None:
    facts = [
        subjects.prompt("u", "a.b", 3),
        subjects.finished_title("u", "a.b"),
        subjects.conversation("u"),
        subjects.dead_letter("u", "a.b"),
        subjects.erased_user("u"),
    ]
    assert {subjects.user_of(subject) for subject in facts} == {"u"}
    assert subjects.user_of("") == ""


@pytest.mark.parametrize(
    ("wanted", "within"),
    [
        ("chat.*.finished.>", True),
        ("chat.>", True),
        ("chat.u.finished.m", True),
        ("chat.*.finished.m.>", False),
        ("chat.*.finished", False),
        ("chat.*.prompt.>", False),
        ("chat.u.finished.m.title", False),
        ("chat.*.*.*", True),
    ],
)
def test_wildcards_match_as_the_brokers_do(wanted: str, *, within: bool) -> None:
    assert subjects.is_within(subjects.finished("u", "m"), wanted) is within


def test_the_subjects_are_those_of_the_table_in_the_flow_page() -> None:
    assert subjects.prompt(USER, "a/b", 7) == f"chat.{USER}.prompt.a_2Fb.7"
    assert subjects.prompts_of_model("a/b") == "chat.*.prompt.a_2Fb.*"
    assert subjects.finished(USER, "a/b") == f"chat.{USER}.finished.a_2Fb"
    assert subjects.reply("R") == "reply.R"
    assert subjects.live("R") == "live.R"
    assert subjects.claim("R") == "claim.R"
    assert subjects.control("R") == "ctl.R"
    assert subjects.count("a/b") == "count.a_2Fb"
    assert subjects.beacon("a/b", "w-1") == "worker.a_2Fb.w-1"
    assert subjects.beacons_of_model("a/b") == "worker.a_2Fb.*"
    assert subjects.worker_consumer("a/b") == "worker-a_2Fb"
