"""Make relays on the broker connection, and tell all of them when it was lost or must end."""

import asyncio
from contextlib import suppress

import structlog
from nats.errors import Error as NatsError

from gateway.broker_link import BrokerLink
from gateway.errors import BrokerUnavailable, GatewayStopping
from gateway.live_inbox import LiveInbox
from gateway.relay_ports import RelayMeter
from gateway.reply_relay import LONGEST_RUN_MS, ReplyRelay
from gateway.user_log import UserLog
from schemas import subjects
from schemas.cursor import START, Cursor

log = structlog.get_logger(__name__)


class ReplyRelays:
    """The open relays of this process."""

    def __init__(
        self, link: BrokerLink, meter: RelayMeter, *, longest_run_ms: int = LONGEST_RUN_MS
    ) -> None:
        self._link = link
        self._meter = meter
        self._longest_run_ms = longest_run_ms
        self._open: set[ReplyRelay] = set()
        self._closed = False
        self._none_stays = asyncio.Event()
        link.on_reconnect.append(self._reconnected)

    async def follow(
        self,
        user_id: str,
        reply_id: str,
        cursor: Cursor = START,
        *,
        deadline_ms: int | None = None,
        stays: bool = False,
    ) -> ReplyRelay:
        """Return a relay that receives from now on; the caller closes it.

        Nothing waits for the broker here: what is sent later on the same connection, be it the
        prompt or a read of the log, is handled after the subscription. Raises
        ``BrokerUnavailable`` or ``GatewayStopping``.
        """
        if self._closed:
            raise GatewayStopping
        session = self._link.session()
        inbox = LiveInbox()
        frames = UserLog(self._link, user_id)
        relay = ReplyRelay(
            reply_id,
            cursor,
            inbox,
            frames,
            self._meter,
            deadline_ms=deadline_ms,
            longest_run_ms=self._longest_run_ms,
            stays=stays,
        )
        try:
            await inbox.subscribe(session.client, subjects.live(reply_id))
        except NatsError as error:
            raise BrokerUnavailable from error
        self._open.add(relay)
        return relay

    async def release(self, relay: ReplyRelay) -> None:
        """Close a relay."""
        self._open.discard(relay)
        if self._closed and not self._staying:
            self._none_stays.set()
        await relay.close()

    async def stop(self, grace_s: float) -> None:
        """Open no more, and make every open relay raise ``GatewayStopping``.

        Those whose clients cannot go on elsewhere have ``grace_s`` to come to their ends.
        """
        self._closed = True
        for relay in self._open:
            if not relay.stays:
                relay.stop(GatewayStopping())
        if self._staying:
            log.info("completions_awaited", running=self._staying, grace_s=grace_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._none_stays.wait(), grace_s)
        for relay in self._open:
            relay.stop(GatewayStopping())

    @property
    def _staying(self) -> int:
        return sum(relay.stays for relay in self._open)

    def _reconnected(self) -> None:
        for relay in self._open:
            relay.look_into_log("reconnect")
