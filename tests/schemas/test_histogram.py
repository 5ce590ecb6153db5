"""Times are counted in buckets that every process shares, and merge in any order."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import decode_event
from schemas.histogram import Histogram, histogram_of, merged
from schemas.token_times import TokenTimes

TIMES = st.lists(st.floats(-5, 3_000_000), max_size=40)
# Half a bucket: 2 ** (1 / 8).
CLOSEST = 1.0906


@given(st.lists(TIMES, max_size=5))
def test_merging_is_counting_together_in_whatever_order(parts: list[list[float]]) -> None:
    together = histogram_of([time for part in parts for time in part])
    histograms = [histogram_of(part) for part in parts]

    assert merged(histograms) == together
    assert merged(list(reversed(histograms))) == together
    assert together.count == sum(len(part) for part in parts)


@given(st.lists(st.floats(0.3, 600_000), min_size=1, max_size=200), st.sampled_from((0.5, 0.95, 1)))
def test_a_quantile_is_half_a_bucket_off_at_most(times: list[float], share: float) -> None:
    true = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    found = histogram_of(times).quantile(share)

    assert found is not None
    assert true / CLOSEST <= found <= true * CLOSEST


@pytest.mark.parametrize(("time_ms", "offset"), [(1.0, -1), (1.01, 0), (2.0, 3), (1_024.0, 39)])
def test_the_upper_bound_belongs_to_its_bucket(time_ms: float, offset: int) -> None:
    assert histogram_of([time_ms]) == Histogram(offset, (1,))


def test_what_is_outside_counts_on_its_side_and_an_empty_one_has_no_quantile() -> None:
    assert histogram_of([-3, 0, 0.01]) == Histogram(-8, (3,))
    assert histogram_of([10**12]) == Histogram(79, (1,))
    assert histogram_of([]).quantile(0.5) is None


def test_counts_that_nobody_makes_do_no_harm() -> None:
    strange = Histogram(-10_000, (1, -4, 2, *([0] * 200), 7))
    assert merged([strange]).count == 3


def test_that_of_a_long_reply_is_small() -> None:
    steady = [random.Random(n).gauss(20, 3) for n in range(5_000)]
    histogram = histogram_of([*steady, 4_000, 0.1])
    assert len(msgspec.json.encode(histogram)) < 250


def test_every_token_but_the_first_has_a_time() -> None:
    times = TokenTimes()
    for tokens, at_ms in ((0, 5), (3, 100), (0, 101), (2, 108), (1, 90), (1, 122)):
        times.came(tokens, at_ms)

    assert times.histogram == histogram_of([0, 0, 4, 4, 0, 32])


def test_an_end_of_an_earlier_version_has_no_times() -> None:
    event = decode_event(
        b'{"event":"ReplyFinished","reply_id":"r","user_id":"u","user_message_id":"q",'
        b'"assistant_message_id":"a","model":"m","status":"completed","text":"x","attempts":1,'
        b'"usage":{"prompt_tokens":1,"completion_tokens":1},"submitted_at_ms":1,'
        b'"timings":{"queue_ms":1,"first_token_ms":null,"total_ms":2},"finished_at_ms":3,'
        b'"client":"api","version":1}'
    )
    assert getattr(event, "inter_token_ms", 0) is None
