"""Tell every gateway process at once that something of a user has ended, and hear of it."""

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import BrokerUnavailable
from gateway.open_streams import OpenStreams
from schemas import subjects
from schemas.sessions_ended import SessionsEnded, decode_sessions_ended, encode_sessions_ended

log = structlog.get_logger(__name__)


class SessionNotices:
    """Notices over the broker; one that is lost is made up for within 30 s."""

    def __init__(self, link: BrokerLink, streams: OpenStreams) -> None:
        self._link = link
        self._streams = streams
        link.on_ready.append(self._subscribe)

    async def ended(self, user_id: str) -> None:
        """Let sessions, keys or rights that have ended be good nowhere any more."""
        try:
            client = self._link.session().client
            notice = encode_sessions_ended(SessionsEnded(user_id))
            await client.publish(subjects.SESSIONS_ENDED, notice)
        except (BrokerUnavailable, NatsError) as error:
            log.warning("sessions_ended_not_told", user_id=user_id, error=type(error).__name__)
        await self._streams.look_at(user_id)

    async def _subscribe(self, session: BrokerSession) -> None:
        await session.client.subscribe(subjects.SESSIONS_ENDED, cb=self._heard)

    async def _heard(self, message: Msg) -> None:
        try:
            user_id = decode_sessions_ended(message.data).user_id
        except msgspec.DecodeError:
            log.warning("bad_sessions_notice")
            return
        await self._streams.look_at(user_id)
