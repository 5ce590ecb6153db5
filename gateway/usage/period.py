"""Read from a request's query which hours or days are asked for. Pure."""

from typing import Final

from sanic import Request

from gateway.errors import BadRequest
from gateway.query import whole_number
from gateway.usage.ports import Period

HOUR_MS: Final = 3_600_000
_STEPS: Final = {"hour": HOUR_MS, "day": 24 * HOUR_MS}
# A month of hours and a quarter of days: a chart shows no more, and each hour is read.
_MOST_STEPS: Final = {"hour": 31 * 24, "day": 92}
_DEFAULT_STEPS: Final = {"hour": 48, "day": 30}
INTERVALS: Final = tuple(_STEPS)


def period_asked(request: Request, now_ms: int) -> Period:
    """Return the period of ``since``, ``until`` and ``interval``; raises ``BadRequest``."""
    interval = request.args.get("interval", "day")
    if interval not in _STEPS:
        raise BadRequest("`interval` must be hour or day.", param="interval")
    step_ms = _STEPS[interval]
    until_ms = _after(whole_number(request, "until", now_ms), step_ms)
    default_ms = max(1, until_ms - _DEFAULT_STEPS[interval] * step_ms)
    since_ms = whole_number(request, "since", default_ms)
    since_ms -= since_ms % step_ms
    if since_ms >= until_ms:
        raise BadRequest("`since` must be before `until`.", param="since")
    if until_ms - since_ms > _MOST_STEPS[interval] * step_ms:
        raise BadRequest(
            f"At most {_MOST_STEPS[interval]} {interval}s are told at once; ask for fewer.",
            param="since",
        )
    return Period(since_ms, until_ms, step_ms)


def _after(at_ms: int, step_ms: int) -> int:
    """Return where the step ends that holds a moment."""
    return at_ms - at_ms % step_ms + step_ms
