"""Publish PromptSubmitted to the log of facts and wait until it is stored."""

from typing import NamedTuple

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js.errors import APIError, NotFoundError

from gateway.admission import keyed_message_id, message_id
from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import (
    BodyTooLarge,
    BrokerUnavailable,
    IdempotencyKeyReused,
    PromptErased,
    PromptUnconfirmed,
)
from gateway.queue_locations import REPLY_ID_HEADER
from schemas import subjects
from schemas.events import PromptSubmitted, decode_event, encode_event
from schemas.prompt_log import subject_of
from schemas.streams import CHAT, TEMPORARY_TTL_S
from schemas.tracing import inject, span

_MESSAGE_ID = "Nats-Msg-Id"
_WRONG_LAST_MESSAGE_ID = 10070
_NO_SUCH_MESSAGE = 10037
# No message has this id.
_NEVER = "never"

log = structlog.get_logger(__name__)


class Accepted(NamedTuple):
    """The prompt that stands in the log, and its sequence there.

    ``repeated`` when an earlier request put it there.
    """

    event: PromptSubmitted
    sequence: int
    repeated: bool


class PromptPublisher:
    """Writes prompts over the gateway's connection."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link

    async def publish(self, event: PromptSubmitted, idempotency_key: str | None) -> Accepted:
        """Store the prompt once.

        Raises ``PromptUnconfirmed``, ``BrokerUnavailable`` (nothing was sent), ``BodyTooLarge``,
        ``IdempotencyKeyReused`` or ``PromptErased``.
        """
        session = self._link.session()
        headers = {
            _MESSAGE_ID: message_id(event, idempotency_key),
            REPLY_ID_HEADER: event.reply_id,
        }
        if event.temporary:
            headers["Nats-TTL"] = str(TEMPORARY_TTL_S)
        try:
            with span("prompt publish", "producer", reply_id=event.reply_id, model=event.model):
                inject(headers)
                ack = await session.jetstream.publish(
                    subject_of(event), encode_event(event), stream=CHAT, headers=headers
                )
        except MaxPayloadError as error:
            raise BodyTooLarge from error
        except (NatsError, APIError, TimeoutError) as error:
            log.warning("prompt_not_published", error=repr(error))
            raise PromptUnconfirmed from error
        if ack.duplicate:
            earlier = await self._earlier(session, ack.seq, event.user_id, event.request_digest)
            return Accepted(earlier, ack.seq, repeated=True)
        return Accepted(event, ack.seq, repeated=False)

    async def find(self, user_id: str, key: str, request_digest: str) -> Accepted | None:
        """Return the prompt that a key stands for, or ``None``; nothing is stored.

        The broker looks for the message id before it checks what is expected, and this can never
        be true. Raises ``BrokerUnavailable``, ``IdempotencyKeyReused`` or ``PromptErased``.
        """
        headers = {
            _MESSAGE_ID: keyed_message_id(user_id, key),
            "Nats-Expected-Last-Msg-Id": _NEVER,
        }
        session = self._link.session()
        try:
            ack = await session.jetstream.publish(
                subjects.probe(user_id), b"", stream=CHAT, headers=headers
            )
        except APIError as error:
            if error.err_code == _WRONG_LAST_MESSAGE_ID:
                return None
            raise BrokerUnavailable from error
        except (NatsError, TimeoutError) as error:
            raise BrokerUnavailable from error
        earlier = await self._earlier(session, ack.seq, user_id, request_digest)
        return Accepted(earlier, ack.seq, repeated=True)

    async def _earlier(
        self, session: BrokerSession, sequence: int, user_id: str, request_digest: str
    ) -> PromptSubmitted:
        """Return the prompt that the key stands for; raises when it was another request."""
        try:
            stored = await session.jetstream.get_msg(CHAT, sequence)
            earlier = decode_event(stored.data or b"")
        except NotFoundError as error:
            if error.err_code != _NO_SUCH_MESSAGE:
                raise BrokerUnavailable from error
            # The broker remembers the key of a message for longer than the message was there.
            raise PromptErased from error
        except (NatsError, APIError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("repeated_prompt_not_read", error=repr(error))
            raise BrokerUnavailable from error
        if not isinstance(earlier, PromptSubmitted) or earlier.user_id != user_id:
            raise IdempotencyKeyReused
        if earlier.request_digest != request_digest:
            raise IdempotencyKeyReused
        return earlier
