"""Declare the streams and consumers, at start and again whenever a consumer has vanished."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig, ConsumerInfo
from nats.js.errors import NotFoundError

from analytics.settings import Settings
from schemas.declaration import declare_until_done
from schemas.streams import CHAT

_CHECK_PERIOD_S = 1.0

log = structlog.get_logger(__name__)


async def declare(broker: Client, settings: Settings, consumers: Sequence[ConsumerConfig]) -> None:
    """Declare everything; returns when it is done."""
    await declare_until_done(
        broker,
        consumers,
        chat_max_age_s=settings.chat_max_age_s,
        replies_max_age_s=settings.replies_max_age_s,
    )


async def keep_declared(
    broker: Client,
    settings: Settings,
    consumers: Sequence[ConsumerConfig],
    on_seen: Callable[[ConsumerInfo], None],
) -> None:
    """Make what was deleted on the broker again.

    A consumer then starts at the log's beginning, and one of new events at their next. What the
    broker says of each goes to ``on_seen``, every second.
    """
    jetstream = broker.jetstream()
    while True:
        await asyncio.sleep(_CHECK_PERIOD_S)
        for consumer in consumers:
            try:
                on_seen(await jetstream.consumer_info(CHAT, str(consumer.durable_name)))
            except NotFoundError:
                log.warning("consumer_missing", consumer=consumer.durable_name)
                await declare(broker, settings, consumers)
            except (NatsError, TimeoutError):
                # The broker is away; the connection says so.
                continue
