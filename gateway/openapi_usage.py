"""Describe the routes of usage for the OpenAPI document. Pure."""

import msgspec

from gateway.openapi_parts import Operation, json_answer, query_parameter
from gateway.usage.period import INTERVALS
from gateway.usage.shapes import AllUsage, OwnUsage

USAGE_TYPES: tuple[type[msgspec.Struct], ...] = (OwnUsage, AllUsage)
_MOMENT = {"type": "integer", "minimum": 1, "maximum": 2**53}
_PERIOD = (
    query_parameter(
        "since",
        _MOMENT,
        "Unix milliseconds; the hour or day that holds them is the first. By default 48 hours or "
        "30 days before `until`",
    ),
    query_parameter("until", _MOMENT, "The hour or day that holds them is the last; now"),
    query_parameter(
        "interval",
        {"type": "string", "enum": list(INTERVALS), "default": "day"},
        "Steps of `series`, in UTC: at most 744 hours or 92 days at once",
    ),
)


def usage_operations() -> list[Operation]:
    """Return what can be asked about usage."""
    return [
        Operation(
            "/api/usage",
            "get",
            "show_usage",
            "Show what I have used: replies, tokens and cost, by model and over time. A reply is "
            "counted a second or two after its end",
            {200: json_answer("The usage", OwnUsage)},
            (400, 401, 403, 503),
            parameters=_PERIOD,
        ),
        Operation(
            "/api/admin/usage",
            "get",
            "show_all_usage",
            "Show what everybody has used, how long it took, who uses most, and how queues, "
            "workers and consumers do now (admins)",
            {200: json_answer("The usage", AllUsage)},
            (400, 401, 403, 503),
            parameters=_PERIOD,
        ),
    ]
