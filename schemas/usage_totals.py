"""What some replies come to: counts, tokens and histograms of their times. Pure.

Totals are merged in any order and any grouping with the same result, so an hour can be made of
minutes and a month of hours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from schemas.histogram import Histogram, merged

_COUNTS = (
    "replies",
    "completed",
    "cancelled",
    "failed",
    "failed_over",
    "titles",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
)
_GROUPS = ("clients", "errors")
_TIMES = ("queue_ms", "first_token_ms", "inter_token_ms")


class UsageTotals(Struct, frozen=True, kw_only=True):
    """``replies`` are those of every status and kind, and ``titles`` the ones of them for titles.

    ``failed_over`` took more than one attempt. ``clients`` counts replies by client kind, and
    ``errors`` failed ones by code. The histograms leave titles out, for which nobody waits.
    """

    replies: int = 0
    completed: int = 0
    cancelled: int = 0
    failed: int = 0
    failed_over: int = 0
    titles: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    clients: dict[str, int] = {}
    errors: dict[str, int] = {}
    queue_ms: Histogram = Histogram()
    first_token_ms: Histogram = Histogram()
    inter_token_ms: Histogram = Histogram()


def merged_totals(parts: Sequence[UsageTotals]) -> UsageTotals:
    """Return the totals of all parts together."""
    counts = {name: sum(getattr(part, name) for part in parts) for name in _COUNTS}
    groups = {name: _sum_by_name(getattr(part, name) for part in parts) for name in _GROUPS}
    times = {name: merged([getattr(part, name) for part in parts]) for name in _TIMES}
    return UsageTotals(**counts, **groups, **times)  # type: ignore[arg-type]


def totals_as_fields(totals: UsageTotals) -> dict[str, Any]:
    """Return the totals as fields of a document."""
    fields = structs.asdict(totals)
    for name in _TIMES:
        histogram: Histogram = fields[name]
        fields[name] = {"offset": histogram.offset, "counts": list(histogram.counts)}
    return fields


def totals_from_fields(document: Mapping[str, Any]) -> UsageTotals:
    """Return the totals that a document holds; what is missing is nothing."""
    counts = {name: int(document.get(name, 0)) for name in _COUNTS}
    groups = {name: _plain(document.get(name, {})) for name in _GROUPS}
    times = {name: histogram_from(document.get(name)) for name in _TIMES}
    return UsageTotals(**counts, **groups, **times)  # type: ignore[arg-type]


def histogram_from(document: Mapping[str, Any] | None) -> Histogram:
    """Return the histogram that a document holds, an empty one without it."""
    if not document:
        return Histogram()
    return Histogram(int(document["offset"]), tuple(map(int, document["counts"])))


def _sum_by_name(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    together: Counter[str] = Counter()
    for part in parts:
        together.update(part)
    return dict(sorted(together.items()))


def _plain(counts: Mapping[str, Any]) -> dict[str, int]:
    """The driver's own integers are none to others."""
    return {name: int(count) for name, count in counts.items()}
