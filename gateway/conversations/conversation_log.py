"""Publish what people do with their conversations to the log of facts."""

import time

import structlog
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js.errors import APIError

from gateway.broker_link import BrokerLink
from gateway.errors import BodyTooLarge, BrokerUnavailable
from schemas import subjects
from schemas.events import ConversationEvent, UserErased, encode_event
from schemas.streams import CHAT

log = structlog.get_logger(__name__)


class ConversationLog:
    """Writes events over the gateway's connection."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link

    async def publish(
        self, event: ConversationEvent | UserErased, message_id: str | None = None
    ) -> int:
        """Store the event and return its sequence; one with a message id is stored once.

        Raises ``BrokerUnavailable`` when it may not be stored, or ``BodyTooLarge``.
        """
        session = self._link.session()
        headers = {} if message_id is None else {"Nats-Msg-Id": message_id}
        try:
            ack = await session.jetstream.publish(
                _subject(event), encode_event(event), stream=CHAT, headers=headers
            )
        except MaxPayloadError as error:
            raise BodyTooLarge from error
        except (NatsError, APIError, TimeoutError) as error:
            log.warning("conversation_event_not_published", error=repr(error))
            raise BrokerUnavailable from error
        return int(ack.seq)


def now_ms() -> int:
    """Return the time of an event."""
    return time.time_ns() // 1_000_000


def _subject(event: ConversationEvent | UserErased) -> str:
    if isinstance(event, UserErased):
        return subjects.erased_user(event.user_id)
    return subjects.conversation(event.user_id)
