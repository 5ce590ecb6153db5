"""What reports of usage are made of, and what they need of the store and the broker."""

from typing import NamedTuple, Protocol

from schemas.usage_totals import UsageTotals


class Period(NamedTuple):
    """Whole hours or days, Unix milliseconds: from ``since_ms`` until before ``until_ms``."""

    since_ms: int
    until_ms: int
    step_ms: int


class ModelHour(NamedTuple):
    """What was used of one model in one hour."""

    model: str
    hour_ms: int
    totals: UsageTotals


class UserModel(NamedTuple):
    """What one user has used of one model; the totals are without times."""

    user_id: str
    model: str
    totals: UsageTotals


class ConsumerLag(NamedTuple):
    """How far a consumer of the log is behind.

    ``pending`` events were not handed to it yet, ``in_hand`` are not acknowledged. ``behind_ms`` is
    the age of the oldest of them, less the time that the archive may take; 0 without any.
    """

    name: str
    pending: int
    in_hand: int
    behind_ms: int


class UsageReader(Protocol):
    """Where roll-ups are read; all raise ``StoreUnavailable``."""

    async def own(self, user_id: str, period: Period) -> list[ModelHour]:
        """Return a user's hours."""

    async def everybody(self, period: Period) -> list[ModelHour]:
        """Return everybody's hours."""

    async def by_user(self, period: Period) -> list[UserModel]:
        """Return what each user has used of each model."""
