"""Handle set-aside events outside of their consumers, with the same functions."""

from typing import get_args

from nats.aio.client import Client

from analytics.erasure import Erasure
from analytics.erasure_store import MongoErasureStore
from analytics.errors import UnreadableEvent
from analytics.history_consumer import keep_history
from analytics.history_store import MongoHistoryStore
from analytics.log_eraser import BrokerLogEraser
from analytics.quarantine import Handler
from analytics.store_client import Store
from analytics.usage_documents import usage_document
from analytics.usage_store import MongoUsageStore
from schemas.events import Event, HistoryEvent, ReplyFinished
from schemas.streams import HISTORY_CONSUMER, USAGE_CONSUMER


def quarantine_handlers(store: Store, broker: Client) -> dict[str, Handler]:
    """Return the handler of each consumer that sets events aside."""

    async def connect() -> Client:
        return broker

    history, usage = MongoHistoryStore(store), MongoUsageStore(store)
    erasure = Erasure(MongoErasureStore(store), BrokerLogEraser(connect))

    async def keep_in_history(event: Event, sequence: int) -> None:
        if not isinstance(event, get_args(HistoryEvent)):
            raise UnreadableEvent(f"a {type(event).__name__} is not expected here")
        await keep_history(event, sequence, history, erasure)

    async def count_usage(event: Event, _: int) -> None:
        if not isinstance(event, ReplyFinished):
            raise UnreadableEvent(f"a {type(event).__name__} is not expected here")
        await usage.add(usage_document(event))

    return {HISTORY_CONSUMER: keep_in_history, USAGE_CONSUMER: count_usage}
