"""The answers about usage as types; OpenAPI is made from them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Interval = Literal["hour", "day"]
Cost = Annotated[
    float | None,
    Meta(description="In `currency`, of the models that have a price; `null` where none has"),
]


class UsageSums(Struct, kw_only=True):
    """What some replies come to; each is counted once, however it ended.

    ``failed_over`` took more than one attempt, ``titles`` are those of ``replies`` that the
    instance itself asked for, and ``cached_tokens`` are a part of ``prompt_tokens``.
    """

    replies: int
    completed: int
    cancelled: int
    failed: int
    failed_over: int
    titles: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost: Cost


class UsagePoint(UsageSums, kw_only=True):
    """An hour or day that begins at ``at_ms`` (UTC)."""

    at_ms: int


class ModelUsage(UsageSums, kw_only=True):
    """What was used of one model."""

    model: str


class OwnUsage(Struct, kw_only=True):
    """What the caller has used; hours or days without a reply are left out of ``series``."""

    since_ms: int
    until_ms: int
    interval: Interval
    currency: Annotated[str, Meta(description="Empty where no prices are set")]
    unpriced: Annotated[list[str], Meta(description="Models that `cost` leaves out")]
    totals: UsageSums
    models: list[ModelUsage]
    series: list[UsagePoint]


class Percentiles(Struct, kw_only=True):
    """Milliseconds, at most 9.1 % off; ``null`` where nothing was timed."""

    p50: float | None
    p95: float | None
    p99: float | None


class Latency(Struct, kw_only=True):
    """From the prompt to the first attempt, and to the first token; and between tokens."""

    queue_ms: Percentiles
    first_token_ms: Percentiles
    inter_token_ms: Percentiles


class TimedSums(UsageSums, kw_only=True):
    """What some replies come to, and how long they took."""

    clients: Annotated[dict[str, int], Meta(description="Replies by client kind")]
    errors: Annotated[dict[str, int], Meta(description="Failed replies by code")]
    latency: Latency


class TimedPoint(TimedSums, kw_only=True):
    """An hour or day that begins at ``at_ms`` (UTC)."""

    at_ms: int


class TimedModel(TimedSums, kw_only=True):
    """What was used of one model."""

    model: str


class UserUsage(UsageSums, kw_only=True):
    """What one user has used; the address is empty for one without an account, such as `dev`.

    The name is empty, too, where the account was deleted.
    """

    user_id: str
    name: str
    email: str


class LiveModel(Struct, kw_only=True):
    """A model now: its workers that are alive, and the prompts that wait for a slot of theirs."""

    model: str
    queued: int
    workers: int
    draining: int
    slots: int
    free: int
    tokens_per_s: float


class LiveConsumer(Struct, kw_only=True):
    """A consumer of the log now; ``behind_ms`` is the age of its oldest event that waits.

    The archive gathers events for `RIVULET_ARCHIVE_EVERY_S`: that is no lag, and not counted.
    """

    name: str
    pending: int
    in_hand: int
    behind_ms: int


class LiveState(Struct, kw_only=True):
    """How the instance does at this moment."""

    models: list[LiveModel]
    consumers: list[LiveConsumer]


class AllUsage(Struct, kw_only=True):
    """What everybody has used, and how the instance does; ``live`` is ``null`` without a broker."""

    since_ms: int
    until_ms: int
    interval: Interval
    currency: Annotated[str, Meta(description="Empty where no prices are set")]
    unpriced: Annotated[list[str], Meta(description="Models that `cost` leaves out")]
    totals: TimedSums
    models: list[TimedModel]
    series: list[TimedPoint]
    users: Annotated[list[UserUsage], Meta(description="Those with the most tokens, ten at most")]
    live: LiveState | None
