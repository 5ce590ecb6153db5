"""The consumers by name: which durable each reads, and what it writes to."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from faststream.nats import NatsBroker
from nats.js.api import ConsumerConfig

from analytics.erasure import Erasure
from analytics.erasure_store import MongoErasureStore
from analytics.history_consumer import register_history
from analytics.history_store import MongoHistoryStore
from analytics.log_eraser import BrokerLogEraser
from analytics.store_client import Store
from analytics.usage_consumer import register_usage
from analytics.usage_store import MongoUsageStore
from schemas.streams import HISTORY_CONSUMER, USAGE_CONSUMER, history_consumer, usage_consumer


class Preparable(Protocol):
    """A store that must be prepared before its first write."""

    async def prepare(self) -> None:
        """Make what the store needs; may be called again and again."""


class Projection(NamedTuple):
    """A consumer whose handler is registered, and its stores."""

    consumer: ConsumerConfig
    stores: tuple[Preparable, ...]


def _history(broker: NatsBroker, store: Store) -> Projection:
    history, erasures = MongoHistoryStore(store), MongoErasureStore(store)
    register_history(broker, history, Erasure(erasures, BrokerLogEraser(broker.connect)))
    return Projection(history_consumer(), (history, erasures))


def _usage(broker: NatsBroker, store: Store) -> Projection:
    usage = MongoUsageStore(store)
    register_usage(broker, usage)
    return Projection(usage_consumer(), (usage,))


PROJECTIONS: dict[str, Callable[[NatsBroker, Store], Projection]] = {
    HISTORY_CONSUMER: _history,
    USAGE_CONSUMER: _usage,
}
