"""Answer who has used what: for one user, and for everybody with the instance's state."""

from gateway.accounts.accounts import Accounts
from gateway.errors import NotFound
from gateway.usage.live_state import LiveStates
from gateway.usage.ports import Period, UsageReader
from gateway.usage.reports import (
    Priced,
    by_model,
    by_step,
    interval_of,
    priced,
    sums,
    timed_sums,
    top_users,
    unpriced,
)
from gateway.usage.shapes import (
    AllUsage,
    ModelUsage,
    OwnUsage,
    TimedModel,
    TimedPoint,
    TimedSums,
    UsagePoint,
    UsageSums,
    UserUsage,
)
from schemas.prices import Prices

_TOP_USERS = 10


class UsageReports:
    """Both raise ``StoreUnavailable``."""

    def __init__(
        self, reader: UsageReader, accounts: Accounts, live: LiveStates, prices: Prices
    ) -> None:
        self._reader = reader
        self._accounts = accounts
        self._live = live
        self._prices = prices

    async def own(self, user_id: str, period: Period) -> OwnUsage:
        """Return what a user has used."""
        hours, prices = await self._reader.own(user_id, period), self._prices
        return OwnUsage(
            since_ms=period.since_ms,
            until_ms=period.until_ms,
            interval=interval_of(period),
            currency=prices.currency,
            unpriced=unpriced(hours, prices),
            totals=UsageSums(**sums(priced(hours, prices))),
            models=[ModelUsage(model=m, **sums(one)) for m, one in by_model(hours, prices)],
            series=[
                UsagePoint(at_ms=at_ms, **sums(one))
                for at_ms, one in by_step(hours, period, prices)
            ],
        )

    async def everybody(self, period: Period) -> AllUsage:
        """Return what everybody has used, and how the instance does."""
        hours, prices = await self._reader.everybody(period), self._prices
        users = top_users(await self._reader.by_user(period), prices, _TOP_USERS)
        return AllUsage(
            since_ms=period.since_ms,
            until_ms=period.until_ms,
            interval=interval_of(period),
            currency=prices.currency,
            unpriced=unpriced(hours, prices),
            totals=TimedSums(**timed_sums(priced(hours, prices))),
            models=[TimedModel(model=m, **timed_sums(one)) for m, one in by_model(hours, prices)],
            series=[
                TimedPoint(at_ms=at_ms, **timed_sums(one))
                for at_ms, one in by_step(hours, period, prices)
            ],
            users=[await self._user(user_id, one) for user_id, one in users],
            live=await self._live.now(),
        )

    async def _user(self, user_id: str, one: Priced) -> UserUsage:
        try:
            account = await self._accounts.profile(user_id)
        except NotFound:
            name = await self._accounts.name_of(user_id)
            return UserUsage(user_id=user_id, name=name, email="", **sums(one))
        return UserUsage(user_id=user_id, name=account.name, email=account.email, **sums(one))
