"""Turn a finished reply into its usage document, and documents into totals. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from analytics.errors import NotStorable
from analytics.storable import storable
from schemas.documents import HistogramDocument, UsageDocument
from schemas.events import ReplyFinished
from schemas.histogram import Histogram, histogram_of, merged
from schemas.usage_totals import UsageTotals, histogram_from

HOUR_MS = 3_600_000
_MINUTE_MS = 60_000
# A number, because the stores disagree on how null compares.
NO_FIRST_TOKEN = -1
# Of one reply, and no model comes near it. Sums of millions of such replies can still be stored.
_MOST_TOKENS = 2**40
# What every reader takes exactly, also a browser.
_LARGEST = 2**53


def usage_document(event: ReplyFinished) -> UsageDocument:
    """Return what the reply cost; ``hour_ms`` is the hour in which it ended.

    Raises ``NotStorable`` where a figure is absurd: others' sums would be, too. A duration that
    a clock made negative counts as none.
    """
    _refuse_absurd(event)
    first_token_ms = event.timings.first_token_ms
    return UsageDocument(
        _id=event.reply_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        model=event.model,
        worker=event.worker or "",
        client=event.client,
        kind=event.kind,
        status=event.status,
        attempts=event.attempts,
        prompt_tokens=event.usage.prompt_tokens,
        cached_tokens=event.usage.cached_tokens,
        completion_tokens=event.usage.completion_tokens,
        queue_ms=max(0, event.timings.queue_ms),
        first_token_ms=NO_FIRST_TOKEN if first_token_ms is None else max(0, first_token_ms),
        total_ms=max(0, event.timings.total_ms),
        submitted_at_ms=event.submitted_at_ms,
        finished_at_ms=event.finished_at_ms,
        hour_ms=event.finished_at_ms - event.finished_at_ms % HOUR_MS,
        error=storable(event.error.code) if event.error else "",
        inter_token_ms=_histogram(event.inter_token_ms or Histogram()),
        minute=minute_id(event.finished_at_ms, event.user_id, event.model),
    )


def minute_id(at_ms: int, user_id: str, model: str) -> str:
    """Return the id of the roll-up of a minute."""
    return f"{at_ms - at_ms % _MINUTE_MS}.{user_id}.{_plain(model)}"


def hour_id(hour_ms: int, user_id: str, model: str) -> str:
    """Return the id of the roll-up of an hour; the user ``""`` stands for all of them."""
    return f"{hour_ms}.{user_id}.{_plain(model)}"


def owner_of(user_id: str, model: str) -> str:
    """Return user and model as one text, by which replies are grouped."""
    return f"{user_id}.{_plain(model)}"


def totals_of(documents: Iterable[Mapping[str, Any]]) -> UsageTotals:
    """Return what some usage documents come to; those of earlier versions have fewer fields."""
    rows = list(documents)
    waited = [row for row in rows if row["kind"] != "title"]
    failed = [row for row in rows if row["status"] == "failed"]
    return UsageTotals(
        replies=len(rows),
        completed=sum(row["status"] == "completed" for row in rows),
        cancelled=sum(row["status"] == "cancelled" for row in rows),
        failed=len(failed),
        failed_over=sum(row["attempts"] > 1 for row in rows),
        titles=len(rows) - len(waited),
        prompt_tokens=_sum(rows, "prompt_tokens"),
        cached_tokens=_sum(rows, "cached_tokens"),
        completion_tokens=_sum(rows, "completion_tokens"),
        clients=_counted(str(row["client"]) for row in rows),
        errors=_counted(_field_name(str(row.get("error", ""))) for row in failed),
        queue_ms=histogram_of(row["queue_ms"] for row in waited),
        first_token_ms=histogram_of(
            row["first_token_ms"] for row in waited if row["first_token_ms"] >= 0
        ),
        inter_token_ms=merged([histogram_from(row.get("inter_token_ms")) for row in waited]),
    )


def _refuse_absurd(event: ReplyFinished) -> None:
    usage, timings = event.usage, event.timings
    times = event.inter_token_ms or Histogram()
    for name, value, least, most in (
        ("prompt_tokens", usage.prompt_tokens, 0, _MOST_TOKENS),
        ("cached_tokens", usage.cached_tokens, 0, _MOST_TOKENS),
        ("completion_tokens", usage.completion_tokens, 0, _MOST_TOKENS),
        ("inter_token_ms.counts", sum(map(abs, times.counts)), 0, _MOST_TOKENS),
        ("inter_token_ms.offset", times.offset, -_LARGEST, _LARGEST),
        ("attempts", event.attempts, 0, _LARGEST),
        ("submitted_at_ms", event.submitted_at_ms, 0, _LARGEST),
        ("finished_at_ms", event.finished_at_ms, 0, _LARGEST),
        ("queue_ms", timings.queue_ms, -_LARGEST, _LARGEST),
        ("first_token_ms", timings.first_token_ms or 0, -_LARGEST, _LARGEST),
        ("total_ms", timings.total_ms, -_LARGEST, _LARGEST),
    ):
        if not least <= value <= most:
            raise NotStorable(f"`{name}` of a reply is out of range: {value}")


def _histogram(histogram: Histogram) -> HistogramDocument:
    return HistogramDocument(offset=histogram.offset, counts=list(histogram.counts))


def _sum(rows: Iterable[Mapping[str, Any]], field: str) -> int:
    return sum(int(row[field]) for row in rows)


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def _field_name(code: str) -> str:
    """Return a code as the name of a field: no store takes every character there."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in code) or "_"


def _plain(model: str) -> str:
    return quote(model, safe="/ :@")
