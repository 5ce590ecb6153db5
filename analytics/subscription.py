"""Bind a FastStream handler to a durable consumer of the CHAT stream that already exists."""

from collections.abc import Awaitable, Callable

from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js.api import ConsumerConfig

from analytics.errors import UnreadableEvent
from analytics.event_reading import read_event
from schemas.events import Event
from schemas.streams import CHAT

# Events a pull may bring, and that are handled at once: so many writes may wait, and of the next
# pull as many events for them. If those wait for longer than the broker does, another process may
# have them too, and what each makes of them is the same.
_BATCH = 128
# A pull returns as soon as there is an event; without one it ends after this time. It dies with
# the broker, so this also bounds how long a consumer sleeps on after the broker is back.
_PULL_TIMEOUT_S = 1.0


Handler = Callable[..., Awaitable[None]]
Decorator = Callable[[Handler], object]


def subscriber(broker: NatsBroker, consumer: ConsumerConfig, *kinds: type[Event]) -> Decorator:
    """Return the decorator for a handler of ``kinds`` of events.

    Acknowledgements are ``EventDelivery``'s alone: FastStream's default would drop an event for
    ever when its handler fails.
    """
    return broker.subscriber(
        consumer.filter_subject or "",
        config=consumer,
        durable=consumer.durable_name,
        stream=JStream(CHAT, declare=False),
        pull_sub=PullSub(batch_size=_BATCH, timeout=_PULL_TIMEOUT_S),
        # The next pull does not wait until the events of this one are all handled.
        max_workers=_BATCH,
        ack_policy=AckPolicy.MANUAL,
        decoder=_decoder(kinds),
    )


def _decoder(kinds: tuple[type[Event], ...]) -> Callable[[NatsMessage], Awaitable[Event]]:
    async def decode(message: NatsMessage) -> Event:
        event = read_event(message.body)
        if not isinstance(event, kinds):
            raise UnreadableEvent(f"a {type(event).__name__} is not expected here")
        return event

    return decode
