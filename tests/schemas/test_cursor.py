"""Cursors: they come from clients, so anything may stand in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cursor import START, BadCursor, Cursor, format_cursor, parse_cursor
from schemas.errors import ErrorCode
from schemas.fold import FoldState

REPLY_ID = "01JD0000000000000000000000ABCDEFGHIJ"
OTHER_REPLY_ID = "01JD0000000000000000000000ABCDEFGHIK"

states = st.builds(
    FoldState,
    n=st.integers(0, 10**9 - 1),
    tokens=st.integers(0, 10**12 - 1),
    characters=st.integers(0, 10**12 - 1),
    # Only workers ask how the model ended, and they read the log.
    finish=st.none(),
    ended=st.booleans(),
)


@given(st.integers(0, 10**18 - 1), states)
def test_a_cursor_comes_back_as_it_was(sequence: int, state: FoldState) -> None:
    cursor = Cursor(sequence, state)
    assert parse_cursor(REPLY_ID, format_cursor(REPLY_ID, cursor)) == cursor


def test_a_cursor_fits_an_http_header_and_a_query_as_it_is() -> None:
    text = format_cursor(REPLY_ID, Cursor(1_042, FoldState(2, 300, 1_234, ended=True)))
    assert text == "EFGHIJ.1042.2.300.1234.e"


def test_a_cursor_of_another_reply_is_refused() -> None:
    with pytest.raises(BadCursor):
        parse_cursor(OTHER_REPLY_ID, format_cursor(REPLY_ID, START))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "EFGHIJ",
        "EFGHIJ.1.1.1",
        "EFGHIJ.1.1.1.1.x",
        "EFGHIJ.1.1.1.1.e.e",
        "EFGHIJ.1.1.1.1\n",
        " EFGHIJ.1.1.1.1",
        "efghij.1.1.1.1",
        "EFGHIJ.-1.1.1.1",
        "EFGHIJ.+1.1.1.1",
        "EFGHIJ.1_0.1.1.1",
        "EFGHIJ.1.5.1.1.1",
        "EFGHIJ.1e3.1.1.1",
        "EFGHIJ....",
        "EFGHIJ.\N{ARABIC-INDIC DIGIT ONE}.1.1.1",
        "EFGHIJ.\N{FULLWIDTH DIGIT ONE}.1.1.1",
        "EFGHIJ.\N{SUPERSCRIPT TWO}.1.1.1",
        "EFGHIJ." + "9" * 19 + ".1.1.1",
        "EFGHIJ.1.1.1." + "9" * 5_000,
        "reply.*",
        "\0",
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor) as refusal:
        parse_cursor(REPLY_ID, text)
    assert refusal.value.code is ErrorCode.BAD_CURSOR


@given(st.text(max_size=60))
def test_no_text_makes_parsing_fail_in_another_way(text: str) -> None:
    with pytest.raises(BadCursor):
        parse_cursor(REPLY_ID, text)


@given(st.from_regex(r"EFGHIJ(\.\d{0,25}){4}(\.e)?", fullmatch=True))
def test_text_of_a_cursors_shape_is_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = parse_cursor(REPLY_ID, text)
    except BadCursor:
        return
    assert text.isascii()
    # The broker numbers messages with 64 bits.
    assert cursor.sequence < 2**63
    assert parse_cursor(REPLY_ID, format_cursor(REPLY_ID, cursor)) == cursor
