"""Keep the gateway's one broker connection, and say whether it can be used.

The gateway starts without a broker, answers 503 meanwhile, and goes on by itself when it is back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from nats.js import JetStreamContext

from gateway.errors import BrokerUnavailable
from schemas.broker import connect, disconnect
from schemas.declaration import declare_until_done
from schemas.direct_get import DirectGet
from schemas.nats_client import NatsClient
from schemas.reply_log import ReplyLog

# Of a JetStream call. A prompt that is not acknowledged by then is answered with 503.
_TIMEOUT_S = 2.0

log = structlog.get_logger(__name__)


class BrokerSession(NamedTuple):
    """The connection, once the streams are declared on it."""

    client: NatsClient
    jetstream: JetStreamContext
    reply_log: ReplyLog
    direct_get: DirectGet


class BrokerLink:
    """``on_ready`` callbacks run once with the first session, ``on_reconnect`` after each loss."""

    def __init__(self, url: str, *, chat_max_age_s: float, replies_max_age_s: float) -> None:
        self._url = url
        self._chat_max_age_s = chat_max_age_s
        self._replies_max_age_s = replies_max_age_s
        self._session: BrokerSession | None = None
        self.on_ready: list[Callable[[BrokerSession], Awaitable[None]]] = []
        self.on_reconnect: list[Callable[[], None]] = []

    @property
    def is_up(self) -> bool:
        """Whether requests can be made at this moment."""
        return self._session is not None and self._session.client.is_connected

    def session(self) -> BrokerSession:
        """Return the session; raises ``BrokerUnavailable`` while the broker is away."""
        if self._session is None or not self._session.client.is_connected:
            raise BrokerUnavailable
        return self._session

    async def run(self) -> None:
        """Connect, declare what is missing and stay connected until cancelled."""
        client = await connect(self._url, "rivulet-gateway", on_reconnect=self._reconnected)
        try:
            await declare_until_done(
                client,
                [],
                chat_max_age_s=self._chat_max_age_s,
                replies_max_age_s=self._replies_max_age_s,
            )
            direct_get = await DirectGet.open(client)
            session = BrokerSession(
                client,
                client.jetstream(timeout=_TIMEOUT_S),
                ReplyLog(client, direct_get),
                direct_get,
            )
            for callback in self.on_ready:
                await callback(session)
            self._session = session
            log.info("broker_ready")
            await asyncio.Event().wait()
        finally:
            self._session = None
            await disconnect(client)

    async def _reconnected(self) -> None:
        for callback in self.on_reconnect:
            callback()
