"""Stop strings: what is held back, what goes out, where a reply is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.engines.port import Token
from workers.stop_strings import StopStrings


def tokens_of(*texts: str) -> list[Token]:
    return list(enumerate(texts))


def play(stops: StopStrings, tokens: list[Token]) -> list[Token]:
    released: list[Token] = []
    for token in tokens:
        released += stops.push([token])
        if stops.stopped:
            return released
    return released + list(stops.flush())


def text_of(tokens: list[Token]) -> str:
    return "".join(text for _, text in tokens)


def test_without_stop_strings_every_token_goes_out_at_once() -> None:
    stops = StopStrings(())
    assert [list(stops.push([token])) for token in tokens_of("a", "b")] == [[(0, "a")], [(1, "b")]]


def test_a_token_that_ends_within_a_character_waits_for_the_one_that_completes_it() -> None:
    stops = StopStrings(())
    assert stops.push([(7, "")]) == []
    assert stops.push([(8, "é")]) == [(7, ""), (8, "é")]


def test_text_that_may_begin_a_stop_string_is_held_back_until_it_is_decided() -> None:
    stops = StopStrings(("STOP",))
    assert stops.push([(0, "x"), (1, "ST")]) == [(0, "x")]
    assert stops.push([(2, "AR")]) == [(1, "ST"), (2, "AR")]
    assert not stops.stopped


def test_a_stop_string_over_several_tokens_cuts_the_text_and_counts_its_tokens() -> None:
    stops = StopStrings(("STOP",))
    released = play(stops, tokens_of("go ", "a ST", "OP and more", "never"))
    assert stops.stopped
    assert released == [(0, "go "), (1, "a "), (2, "")]


def test_the_earliest_of_several_stop_strings_counts() -> None:
    stops = StopStrings(("later", "\n"))
    assert text_of(play(stops, tokens_of("one\ntwo later"))) == "one"


def test_held_text_goes_out_when_the_model_ends() -> None:
    assert text_of(play(StopStrings(("END",)), tokens_of("EN"))) == "EN"


def test_stop_strings_do_not_count_within_min_tokens() -> None:
    stops = StopStrings((".",), min_tokens=2)
    assert text_of(play(stops, tokens_of(".", ".", "a", ".", "b"))) == "..a"


def test_min_tokens_counts_tokens_however_the_engine_joins_them() -> None:
    stops = StopStrings((".",), min_tokens=2)
    assert text_of(list(stops.push(tokens_of("a", "b", ".", "c")))) == "ab"
    assert stops.stopped


def test_a_stop_string_that_was_let_through_does_not_stop_the_reply_later() -> None:
    stops = StopStrings(("ab", "a very long one"), min_tokens=2)
    assert text_of(play(stops, tokens_of("ab", " x", " y"))) == "ab x y"
    assert text_of(play(StopStrings(("ab", "a very long one"), before="ab x"), tokens_of(" y")))


@given(
    st.lists(st.text("abAB\n", max_size=4), max_size=12),
    st.lists(st.text("abAB\n", min_size=1, max_size=4), max_size=3),
)
def test_released_text_is_the_text_up_to_the_first_stop_string(
    texts: list[str], stop_strings: list[str]
) -> None:
    stops = StopStrings(stop_strings)
    released = play(stops, tokens_of(*texts))
    whole = "".join(texts)
    places = [whole.find(stop) for stop in stop_strings if stop in whole]
    assert stops.stopped == bool(places)
    # Held text is checked token by token: the stop string that completes first wins.
    if not places:
        assert text_of(released) == whole
    else:
        assert whole.startswith(text_of(released))
        assert not any(stop in text_of(released) for stop in stop_strings)


@given(
    st.lists(st.text("ab", max_size=3), max_size=10),
    st.text("ab", min_size=1, max_size=4),
    st.integers(0, 10),
)
def test_a_worker_that_takes_over_anywhere_lets_no_stop_string_through(
    texts: list[str], stop: str, taken_over_after: int
) -> None:
    tokens = tokens_of(*texts)
    first = StopStrings((stop,))
    published: list[Token] = []
    for token in tokens[:taken_over_after]:
        published += first.push([token])
    if first.stopped:
        return
    second = StopStrings((stop,), before=text_of(published))
    published += play(second, tokens[len(published) :])
    assert stop not in text_of(published)
    assert second.stopped == (stop in "".join(texts))


@pytest.mark.parametrize("split", range(1, 8))
def test_how_the_engine_joins_tokens_changes_nothing(split: int) -> None:
    tokens = tokens_of("the ", "end", " is", " n", "ear", "!!", " so")
    stops = StopStrings((" near!",))
    first = list(stops.push(tokens[:split]))
    released = first + ([] if stops.stopped else list(stops.push(tokens[split:])))
    assert stops.stopped
    assert text_of(released) == "the end is"
