"""What the routes work with; ``app`` builds it, and nothing here knows the store's client."""

from dataclasses import dataclass
from typing import Any, Protocol

from sanic import Sanic

from gateway.authentication import Authentication
from gateway.broker_link import BrokerLink
from gateway.history import HistoryReader
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.reply_relays import ReplyRelays
from gateway.settings import GatewaySettings
from gateway.submission import Submission

Application = Sanic[Any, Any]


class StoreProbe(Protocol):
    """Tells whether the store answers."""

    async def is_up(self) -> bool:
        """Ask it."""


@dataclass(frozen=True)
class Services:
    """One of each, for the life of the process."""

    settings: GatewaySettings
    secret: bytes
    link: BrokerLink
    authentication: Authentication
    models: ModelDirectory
    submission: Submission
    relays: ReplyRelays
    history: HistoryReader
    store: StoreProbe
    metrics: GatewayMetrics
