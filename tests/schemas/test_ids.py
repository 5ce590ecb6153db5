"""Identifiers: their form, their order, and whom a reply id belongs to."""

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import ids

SECRET = b"a secret"
USER = "a" * 20


def test_a_ulid_has_its_form_and_no_two_are_equal() -> None:
    made = {ids.new_ulid() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(ids.is_ulid(ulid) for ulid in made)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_ulids_sort_by_time(earlier_ms: int, later_ms: int) -> None:
    assume(earlier_ms < later_ms)
    assert ids.new_ulid(earlier_ms) < ids.new_ulid(later_ms)


@given(st.integers(0, 2**48 - 1))
def test_a_ulid_says_when_it_was_made(now_ms: int) -> None:
    assert ids.made_at_ms(ids.new_ulid(now_ms)) == now_ms


def test_a_reply_id_says_when_it_was_made() -> None:
    made_at_ms = ids.made_at_ms(ids.new_reply_id(SECRET, USER))
    assert abs(made_at_ms - time.time() * 1000) < 60_000


@pytest.mark.parametrize(
    "text",
    ["", "0" * 25, "0" * 27, "I" * 26, "L" * 26, "O" * 26, "U" * 26, "0" * 25 + "\n", "a" * 26],
)
def test_what_is_no_ulid_is_refused(text: str) -> None:
    assert not ids.is_ulid(text)


def test_a_user_id_is_20_lowercase_letters_and_digits() -> None:
    assert re.fullmatch("[a-z0-9]{20}", ids.new_user_id())
    assert ids.new_user_id() != ids.new_user_id()


def test_a_reply_id_belongs_to_its_user_and_to_nobody_else() -> None:
    reply_id = ids.new_reply_id(SECRET, USER)
    assert re.fullmatch("[0-9A-Z]{36}", reply_id)
    assert ids.owns_reply(SECRET, USER, reply_id)
    assert not ids.owns_reply(SECRET, ids.new_user_id(), reply_id)
    assert not ids.owns_reply(b"another secret", USER, reply_id)


@given(st.text(max_size=40))
def test_no_text_that_was_not_made_for_the_user_is_their_reply_id(text: str) -> None:
    assert not ids.owns_reply(SECRET, USER, text)


@given(st.integers(0, 35), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*.>"))
def test_a_reply_id_with_one_other_character_is_forged(index: int, character: str) -> None:
    reply_id = ids.new_reply_id(SECRET, USER)
    assume(reply_id[index] != character)
    assert not ids.owns_reply(SECRET, USER, reply_id[:index] + character + reply_id[index + 1 :])


@pytest.mark.parametrize("change", [str.lower, lambda text: text + "\n", lambda text: text[:-1]])
def test_a_reply_id_in_another_form_is_refused(change: object) -> None:
    assert callable(change)
    assert not ids.owns_reply(SECRET, USER, change(ids.new_reply_id(SECRET, USER)))
