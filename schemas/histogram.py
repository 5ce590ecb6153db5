"""Histograms of times that can be merged: fixed exponential buckets, the same in every process.

The buckets are those of OpenTelemetry's exponential histogram with scale 2
(https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram): bucket ``i``
holds values in ``(2**(i/4), 2**((i+1)/4)]`` milliseconds. A quantile is told as the geometric
middle of its bucket, which is at most 9.1 % (``2**(1/8) - 1``) away from the value itself.
"""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

_PER_OCTAVE = 4
# From a quarter of a millisecond to 17 minutes; what lies outside counts as the last on its side.
_LOWEST, _HIGHEST = -8, 79
_BUCKETS = _HIGHEST - _LOWEST + 1


class Histogram(Struct, frozen=True):
    """How many times fell into each bucket; ``counts[k]`` is that of bucket ``offset + k``.

    Empty buckets on either side are left out, so equal contents are equal histograms. At most 88
    counts; those of one reply are about a dozen.
    """

    offset: int = 0
    counts: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many times it holds."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """Return the time in milliseconds below which this share lies; ``None`` if it is empty."""
        rank = math.ceil(share * self.count)
        passed = 0
        for index, count in enumerate(self.counts, self.offset):
            passed += count
            if count and passed >= rank:
                return float(2 ** ((index + 0.5) / _PER_OCTAVE))
        return None


class Tally:
    """A histogram that is being made."""

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS

    def add(self, time_ms: float, times: int = 1) -> None:
        """Count a time; one that a clock made negative counts as none."""
        self._counts[_bucket_of(time_ms) - _LOWEST] += times

    def merge(self, other: Histogram) -> None:
        """Count all that another one holds; counts below 0, which nobody makes, are passed over."""
        for index, count in enumerate(other.counts[:_BUCKETS], other.offset):
            self._counts[min(max(index, _LOWEST), _HIGHEST) - _LOWEST] += max(0, count)

    def histogram(self) -> Histogram:
        """Return what was counted."""
        filled = [place for place, count in enumerate(self._counts) if count]
        if not filled:
            return Histogram()
        first, last = filled[0], filled[-1]
        return Histogram(first + _LOWEST, tuple(self._counts[first : last + 1]))


def histogram_of(times_ms: Iterable[float]) -> Histogram:
    """Return the histogram of some times."""
    tally = Tally()
    for time_ms in times_ms:
        tally.add(time_ms)
    return tally.histogram()


def merged(histograms: Sequence[Histogram]) -> Histogram:
    """Return one histogram of all that several hold; their order does not matter."""
    tally = Tally()
    for histogram in histograms:
        tally.merge(histogram)
    return tally.histogram()


def _bucket_of(time_ms: float) -> int:
    if time_ms <= 0:
        return _LOWEST
    bucket = math.ceil(math.log2(time_ms) * _PER_OCTAVE) - 1
    return min(max(bucket, _LOWEST), _HIGHEST)
