"""Read the stored frames of one user's replies, and whether they were finished, for the relays."""

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import BrokerUnavailable
from gateway.header_scan import HeaderScan, since
from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.ids import made_at_ms
from schemas.reply_log import FrameBatch

# The clocks of gateways and broker differ by less.
_BEFORE_MS = 5_000
_SCANNED_TOGETHER = 1_000
_SCAN_KEPT_S = 5.0


class UserLog:
    """Both logs as far as one user's replies go."""

    def __init__(self, link: BrokerLink, user_id: str) -> None:
        self._link = link
        self._user_id = user_id

    async def read_batch(self, reply_id: str, after: int = 0) -> FrameBatch:
        """Return the next frames after a sequence; raises ``LogUnavailable``."""
        return await self._session().reply_log.read_batch(reply_id, after)

    async def is_finished(self, reply_id: str) -> bool:
        """Tell whether ReplyFinished was stored; raises ``LogUnavailable``.

        It lists the user's finished replies since this one was asked for: it is for rare cases.
        """
        wanted = f"finished:{reply_id}"
        scan = await HeaderScan.open(
            self._session().client,
            subjects.finished_of_user(self._user_id),
            start=since(made_at_ms(reply_id) - _BEFORE_MS),
            kept_s=_SCAN_KEPT_S,
        )
        try:
            while listed := await scan.next(_SCANNED_TOGETHER):
                if any(event.headers.get("Nats-Msg-Id") == wanted for event in listed):
                    return True
            return False
        finally:
            await scan.close()

    def _session(self) -> BrokerSession:
        try:
            return self._link.session()
        except BrokerUnavailable as error:
            # A request now would only wait in the client's buffer; the reconnect asks again.
            raise LogUnavailable from error
