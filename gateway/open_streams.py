"""Know what is open for whom, and close what its caller may not have any more.

Every socket and event stream of this process is in here with who asked for it. They are looked at
when something of a user has ended, and now and then, should that notice have been lost.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from gateway.authentication import Authentication, Principal
from gateway.errors import GatewayError, StoreUnavailable

_PERIOD_S = 30.0

Close = Callable[[GatewayError], None]

log = structlog.get_logger(__name__)


class OpenStream(NamedTuple):
    """Who has it open, and what ends it; the reason is for the client."""

    principal: Principal
    close: Close


class OpenStreams:
    """The open sockets and event streams of this process."""

    def __init__(self, authentication: Authentication) -> None:
        self._authentication = authentication
        self._open: dict[int, OpenStream] = {}
        self._opened = 0

    @contextmanager
    def holding(self, principal: Principal, close: Close) -> Iterator[None]:
        """Let ``close`` be called during the block once the principal is not good any more."""
        self._opened += 1
        number = self._opened
        self._open[number] = OpenStream(principal, close)
        try:
            yield
        finally:
            self._open.pop(number, None)

    async def look_at(self, user_id: str) -> None:
        """Forget what is believed of a user, and close what must not stay open."""
        self._authentication.forget(user_id)
        for principal in self._principals():
            if principal.user_id == user_id:
                await self._look(principal, unknown_is_good=False)

    async def run(self) -> None:
        """Look at everybody now and then until cancelled."""
        while True:
            await asyncio.sleep(_PERIOD_S)
            try:
                for principal in self._principals():
                    await self._look(principal, unknown_is_good=True)
            except Exception:
                # What is open stays open until the next round.
                log.exception("open_streams_not_looked_at")

    async def _look(self, principal: Principal, *, unknown_is_good: bool) -> None:
        """Close what a principal has open unless the store says that it is good.

        A store that is away stops nobody, except where something has just ended.
        """
        try:
            await self._authentication.confirm(principal, anew=unknown_is_good)
        except StoreUnavailable as error:
            if not unknown_is_good:
                self._close(principal, error)
        except GatewayError as error:
            self._close(principal, error)

    def _close(self, principal: Principal, error: GatewayError) -> None:
        streams = [stream for stream in self._open.values() if stream.principal == principal]
        for stream in streams:
            # One each: whoever raises it writes the reply's id on it.
            stream.close(type(error)(str(error)))
        log.info("streams_closed", user_id=principal.user_id, streams=len(streams))

    def _principals(self) -> set[Principal]:
        return {stream.principal for stream in self._open.values()}
