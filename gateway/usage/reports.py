"""Make reports from roll-ups and prices. Pure."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from gateway.usage.ports import ModelHour, Period, UserModel
from gateway.usage.shapes import Interval, Latency, Percentiles
from schemas.histogram import Histogram
from schemas.prices import Prices
from schemas.usage_totals import UsageTotals, merged_totals

_DAY_MS = 86_400_000
_COST_DIGITS = 6


class Priced(NamedTuple):
    """Totals of several models, and what they cost; ``None`` where no model has a price."""

    totals: UsageTotals
    cost: Decimal | None

    @property
    def tokens(self) -> int:
        """Tokens of prompts and replies."""
        return self.totals.prompt_tokens + self.totals.completion_tokens


def interval_of(period: Period) -> Interval:
    """Return what the steps of a period are called."""
    return "day" if period.step_ms == _DAY_MS else "hour"


def priced(parts: Sequence[ModelHour | UserModel], prices: Prices) -> Priced:
    """Return what some parts come to."""
    costs = [prices.cost(part.model, part.totals) for part in parts]
    known = [cost for cost in costs if cost is not None]
    totals = merged_totals([part.totals for part in parts])
    return Priced(totals, sum(known, Decimal()) if known else None)


def by_model(hours: Sequence[ModelHour], prices: Prices) -> list[tuple[str, Priced]]:
    """Return what was used of each model, most tokens first."""
    models = _grouped(hours, lambda hour: hour.model)
    found = [(model, priced(parts, prices)) for model, parts in models.items()]
    return sorted(found, key=lambda one: (-one[1].tokens, one[0]))


def by_step(hours: Sequence[ModelHour], period: Period, prices: Prices) -> list[tuple[int, Priced]]:
    """Return what was used in each step that has a reply, in order."""
    steps = _grouped(hours, lambda hour: hour.hour_ms - hour.hour_ms % period.step_ms)
    return [(at_ms, priced(parts, prices)) for at_ms, parts in sorted(steps.items())]


def top_users(parts: Sequence[UserModel], prices: Prices, most: int) -> list[tuple[str, Priced]]:
    """Return the users with the most tokens."""
    users = _grouped(parts, lambda part: part.user_id)
    found = [(user_id, priced(some, prices)) for user_id, some in users.items()]
    return sorted(found, key=lambda one: (-one[1].tokens, one[0]))[:most]


def unpriced(hours: Iterable[ModelHour], prices: Prices) -> list[str]:
    """Return the models whose cost nobody knows; none where no prices are set at all."""
    if not prices.models:
        return []
    return sorted({h.model for h in hours if prices.cost(h.model, h.totals) is None})


def sums(one: Priced) -> dict[str, Any]:
    """Return the fields of ``UsageSums``."""
    totals, cost = one
    return {
        "replies": totals.replies,
        "completed": totals.completed,
        "cancelled": totals.cancelled,
        "failed": totals.failed,
        "failed_over": totals.failed_over,
        "titles": totals.titles,
        "prompt_tokens": totals.prompt_tokens,
        "cached_tokens": totals.cached_tokens,
        "completion_tokens": totals.completion_tokens,
        "cost": None if cost is None else round(float(cost), _COST_DIGITS),
    }


def timed_sums(one: Priced) -> dict[str, Any]:
    """Return the fields of ``TimedSums``."""
    totals = one.totals
    latency = Latency(
        queue_ms=_percentiles(totals.queue_ms),
        first_token_ms=_percentiles(totals.first_token_ms),
        inter_token_ms=_percentiles(totals.inter_token_ms),
    )
    more = {"clients": totals.clients, "errors": totals.errors, "latency": latency}
    return {**sums(one), **more}


def _percentiles(histogram: Histogram) -> Percentiles:
    p50, p95, p99 = (_rounded(histogram.quantile(share)) for share in (0.5, 0.95, 0.99))
    return Percentiles(p50=p50, p95=p95, p99=p99)


def _rounded(time_ms: float | None) -> float | None:
    return None if time_ms is None else round(time_ms, 2)


def _grouped(parts: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for part in parts:
        groups.setdefault(key(part), []).append(part)
    return groups
