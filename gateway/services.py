"""What the routes work with; ``app`` builds it, and nothing here knows the store's client."""

from dataclasses import dataclass
from typing import Any, Protocol

from sanic import Sanic

from gateway.accounts.accounts import Accounts
from gateway.accounts.administration import Administration
from gateway.accounts.cookies import SessionCookies
from gateway.accounts.erasing import Erasing
from gateway.accounts.ports import KeyStore, SessionStore
from gateway.authentication import Authentication
from gateway.background import Background
from gateway.broker_link import BrokerLink
from gateway.callers import Callers
from gateway.cancellation import Cancellation
from gateway.conversations.conversation_log import ConversationLog
from gateway.conversations.conversations import Conversations
from gateway.conversations.history_position import HistoryPosition
from gateway.conversations.ports import ConversationReader
from gateway.feed.feeds import Feeds
from gateway.hang_up import HangUps
from gateway.history import HistoryReader
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.model_metrics import ModelMetrics
from gateway.open_streams import OpenStreams
from gateway.prompting import Prompting
from gateway.queue_places import QueuePlaces
from gateway.reply_opening import ReplyOpening
from gateway.reply_relays import ReplyRelays
from gateway.retrying import Retrying
from gateway.session_notices import SessionNotices
from gateway.settings import GatewaySettings
from gateway.socket.open_sockets import OpenSockets
from gateway.submission import Submission
from gateway.usage.usage_reports import UsageReports

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
    open_streams: OpenStreams
    session_notices: SessionNotices
    callers: Callers
    cookies: SessionCookies
    accounts: Accounts
    administration: Administration
    erasing: Erasing
    sessions: SessionStore
    keys: KeyStore
    models: ModelDirectory
    submission: Submission
    prompting: Prompting
    relays: ReplyRelays
    opening: ReplyOpening
    feeds: Feeds
    places: QueuePlaces
    background: Background
    cancellation: Cancellation
    hang_ups: HangUps
    retrying: Retrying
    history: HistoryReader
    conversations: Conversations
    conversation_reader: ConversationReader
    conversation_log: ConversationLog
    position: HistoryPosition
    usage: UsageReports
    store: StoreProbe
    sockets: OpenSockets
    metrics: GatewayMetrics
    model_metrics: ModelMetrics
