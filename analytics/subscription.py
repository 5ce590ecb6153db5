"""Bind a FastStream handler to a durable consumer of the CHAT stream that already exists."""

from collections.abc import Awaitable, Callable

from faststream.message import StreamMessage
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from analytics.errors import UnreadableEvent
from analytics.event_reading import read_event
from schemas.events import Event
from schemas.streams import CHAT

# Events that are handled at once, and as many may wait for them. If those wait for longer than the
# broker does, another process may have them too, and what each makes of them is the same.
_BATCH = 128
# A pull returns as soon as there is an event; without one it ends after this time. It dies with
# the broker, so this also bounds how long a consumer sleeps on after the broker is back.
_PULL_TIMEOUT_S = 1.0


_Batch = StreamMessage[list[Msg]]
_Read = Event | UnreadableEvent
Handler = Callable[..., Awaitable[None]]
Decorator = Callable[[Handler], object]


def subscriber(broker: NatsBroker, consumer: ConsumerConfig, *kinds: type[Event]) -> Decorator:
    """Return the decorator for a handler of ``kinds`` of events.

    The handler is called with one event of a batch at a time (``EventBatches``). Acknowledgements
    are ``EventDelivery``'s alone: FastStream's default would drop an event for ever when its
    handler fails.
    """
    return broker.subscriber(
        consumer.filter_subject or "",
        config=consumer,
        durable=consumer.durable_name,
        stream=JStream(CHAT, declare=False),
        pull_sub=PullSub(batch_size=_BATCH, timeout=_PULL_TIMEOUT_S, batch=True),
        ack_policy=AckPolicy.MANUAL,
        decoder=_decoder(kinds),
    )


def _decoder(kinds: tuple[type[Event], ...]) -> Callable[[_Batch], Awaitable[list[_Read]]]:
    async def decode(batch: _Batch) -> list[_Read]:
        return [_read(message.data, kinds) for message in batch.raw_message]

    return decode


def _read(payload: bytes, kinds: tuple[type[Event], ...]) -> _Read:
    """Return the event, or why there is none: that is no matter of the others in its batch."""
    try:
        event = read_event(payload)
    except UnreadableEvent as error:
        return error
    if not isinstance(event, kinds):
        return UnreadableEvent(f"a {type(event).__name__} is not expected here")
    return event
