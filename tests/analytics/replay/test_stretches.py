"""Archive and log together give every sequence once, and what neither has is said."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.replay.stretches import Stretch, stretches


def test_the_archive_is_read_first_and_the_log_goes_on() -> None:
    assert stretches([(1, 50), (51, 80)], 40, 1, 100) == [
        Stretch("archive", 1, 80),
        Stretch("log", 81, 100),
    ]


def test_what_neither_holds_is_missing() -> None:
    assert stretches([(10, 20)], 40, 1, 50) == [
        Stretch("missing", 1, 9),
        Stretch("archive", 10, 20),
        Stretch("missing", 21, 39),
        Stretch("log", 40, 50),
    ]


ranges = st.tuples(st.integers(1, 60), st.integers(0, 20)).map(lambda r: (r[0], r[0] + r[1]))


@given(st.lists(ranges, max_size=6), *(st.integers(1, 90) for _ in range(3)))
def test_stretches_are_in_order_without_gap_and_true(
    archived: list[tuple[int, int]], log_first: int, first: int, last: int
) -> None:
    found = stretches(archived, log_first, first, last)
    everything = [n for _, begins, ends in found for n in range(begins, ends + 1)]
    assert everything == list(range(first, last + 1))
    for source, begins, ends in found:
        for n in range(begins, ends + 1):
            in_archive = any(a <= n <= b for a, b in archived)
            assert source == ("archive" if in_archive else "log" if n >= log_first else "missing")
