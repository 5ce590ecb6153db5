"""Declare the streams and a service's consumers, however long the broker takes to be ready."""

import asyncio
from collections.abc import Sequence

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig

from schemas.streams import declare_consumer, declare_streams

_RETRY_S = 1.0

log = structlog.get_logger(__name__)


async def declare_until_done(
    broker: Client,
    consumers: Sequence[ConsumerConfig],
    *,
    chat_max_age_s: float,
    replies_max_age_s: float,
) -> None:
    """Declare everything that is missing and log what differs; tries until it is done."""
    while True:
        try:
            drifts = await declare_streams(
                broker, chat_max_age_s=chat_max_age_s, replies_max_age_s=replies_max_age_s
            )
            for consumer in consumers:
                drifts += await declare_consumer(broker, consumer)
        except (NatsError, TimeoutError) as error:
            log.warning("declare_failed", error=repr(error))
            await asyncio.sleep(_RETRY_S)
            continue
        for drift in drifts:
            log.warning(
                "stream_drift",
                stream=drift.name,
                option=drift.option,
                declared=repr(drift.declared),
                found=repr(drift.found),
            )
        return
