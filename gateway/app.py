"""Build the gateway: the one place where adapters meet ports, and routes meet the application."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from prometheus_client import CollectorRegistry
from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from gateway.accounts.access_tokens import AccessTokens
from gateway.accounts.account_store import MongoAccountStore
from gateway.accounts.accounts import Accounts
from gateway.accounts.administration import Administration
from gateway.accounts.cookies import SessionCookies
from gateway.accounts.erasing import Erasing
from gateway.accounts.invitation_store import MongoInvitationStore
from gateway.accounts.login_limits import MongoLoginLimits
from gateway.accounts.passwords import Passwords
from gateway.accounts.refresh_tokens import RefreshTokens
from gateway.accounts.session_store import MongoSessionStore
from gateway.accounts.sign_ins import SignIns
from gateway.admin_code import AdminCodeFile
from gateway.admission_limits import AdmissionLimits
from gateway.api_key_store import MongoApiKeyStore
from gateway.authentication import Authentication
from gateway.background import Background
from gateway.broker_link import BrokerLink
from gateway.callers import Callers
from gateway.cancellation import Cancellation
from gateway.conversations.conversation_log import ConversationLog
from gateway.conversations.conversation_reader import MongoConversationReader
from gateway.conversations.conversations import Conversations
from gateway.conversations.erasure_reader import MongoErasureReader
from gateway.conversations.history_position import HistoryPosition
from gateway.cors import allow_listed_origins
from gateway.error_responses import OneErrorShape
from gateway.feed.feeds import Feeds
from gateway.hang_up import HangUps
from gateway.header_check import refuse_odd_bytes
from gateway.logged_turns import LoggedTurns
from gateway.message_reader import MongoMessageReader
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.model_metrics import ModelMetrics
from gateway.open_streams import OpenStreams
from gateway.prompt_context import PromptContexts
from gateway.prompt_counter import PromptCounter
from gateway.prompt_publisher import PromptPublisher
from gateway.prompt_traces import PromptTraces
from gateway.prompting import Prompting
from gateway.queue_depth import QueueDepths
from gateway.queue_locations import QueueLocations
from gateway.queue_places import QueuePlaces
from gateway.queue_watch import Queues
from gateway.reply_opening import ReplyOpening
from gateway.reply_relays import ReplyRelays
from gateway.request_body import DRAINED_TIMES_LIMIT
from gateway.retrying import Retrying
from gateway.routes import (
    admin,
    auth,
    chat_completions,
    conversations,
    docs,
    events,
    health,
    me,
    models,
    prompts,
    replies,
    socket,
    transfer,
    usage,
)
from gateway.running_replies import RunningReplies, longest_run_s
from gateway.services import Application, Services
from gateway.session_notices import SessionNotices
from gateway.settings import GatewaySettings
from gateway.socket.open_sockets import OpenSockets
from gateway.store_client import MongoProbe, Store, open_store
from gateway.stored_prompts import StoredPrompts
from gateway.submission import Submission
from gateway.transfer.importing import MAX_IMPORT_BYTES
from gateway.usage.consumer_lags import ConsumerLags
from gateway.usage.live_state import LiveStates
from gateway.usage.usage_reader import MongoUsageReader
from gateway.usage.usage_reports import UsageReports
from gateway.web_client import WebClient
from schemas.secret import instance_secret
from schemas.tracing import go_on_with

NAME = "rivulet-gateway"
# A client that takes nothing for so long has gone; a stream's keep-alive comments come sooner.
_RESPONSE_TIMEOUT_S = 60
_ROUTES: tuple[Callable[[Application, Services], None], ...] = (
    chat_completions.register,
    models.register,
    prompts.register,
    replies.register,
    conversations.register,
    events.register,
    socket.register,
    auth.register,
    me.register,
    admin.register,
    transfer.register,
    usage.register,
    docs.register,
    health.register,
)

_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
_PROBES = ("/healthz", "/readyz")
_PLACEHOLDER = re.compile(r"<(\w+)(?::\w+)?>")

log = structlog.get_logger("gateway.access")


@dataclass(frozen=True)
class Gateway:
    """The application, what it works with, and the store's client to be closed at the end."""

    app: Application
    services: Services
    store: Store


def build_gateway(settings: GatewaySettings, registry: CollectorRegistry) -> Gateway:
    """Return a gateway that is not connected to anything yet."""
    store = open_store(settings.mongo_url)
    services = _build_services(settings, store, registry)
    return Gateway(build_app(services), services, store)


def build_app(services: Services) -> Application:
    """Return the application with every route."""
    app: Application = Sanic(
        NAME, configure_logging=False, error_handler=OneErrorShape(WebClient())
    )
    app.config.REQUEST_MAX_SIZE = max(
        services.settings.max_body_bytes * DRAINED_TIMES_LIMIT, 2 * MAX_IMPORT_BYTES
    )
    app.config.RESPONSE_TIMEOUT = _RESPONSE_TIMEOUT_S
    app.config.AUTO_EXTEND = False
    app.config.PROXIES_COUNT = services.settings.proxies or None
    for register in _ROUTES:
        register(app, services)
    _observe(app, services.metrics)
    app.register_middleware(refuse_odd_bytes, "request")
    allow_listed_origins(app, services.settings.origins)
    return app


def _build_services(
    settings: GatewaySettings, store: Store, registry: CollectorRegistry
) -> Services:
    metrics = GatewayMetrics(registry)
    secret = instance_secret(settings.secret, settings.data_dir)
    link = BrokerLink(
        settings.nats_url,
        chat_max_age_s=settings.chat_max_age_s,
        replies_max_age_s=settings.replies_max_age_s,
    )
    accounts = _build_accounts(settings, store, link, secret)
    directory = ModelDirectory(link)
    relays = ReplyRelays(link, metrics, longest_run_ms=round(settings.replies_max_age_s / 2 * 1000))
    history = MongoMessageReader(store)
    background = Background()
    cancellation = Cancellation(
        link,
        history,
        metrics,
        background,
        directory,
        secret=secret,
        replies_max_age_s=settings.replies_max_age_s,
    )
    hang_ups = HangUps(cancellation, background)
    position, conversation_log = HistoryPosition(link), ConversationLog(link)
    conversation_reader, erasures = MongoConversationReader(store), MongoErasureReader(store)
    locations = QueueLocations(link)
    conversations = Conversations(
        conversation_reader, history, conversation_log, position, erasures, cancellation, locations
    )
    # The frames of a reply must outlive its run, which begins at the deadline at the latest.
    start_deadline_s = min(settings.start_deadline_s, settings.replies_max_age_s / 2)
    depths = QueueDepths(link)
    limits = AdmissionLimits(
        depths,
        RunningReplies(
            link,
            start_deadline_s=start_deadline_s,
            replies_max_age_s=settings.replies_max_age_s,
        ),
        directory,
        max_queued_per_model=settings.max_queued_per_model,
        max_running_per_user=settings.max_running_per_user,
    )
    submission = Submission(
        directory,
        PromptCounter(link),
        PromptPublisher(link),
        relays,
        hang_ups,
        limits,
        locations,
        metrics,
        secret=secret,
        start_deadline_s=start_deadline_s,
    )
    return Services(
        settings=settings,
        secret=secret,
        link=link,
        authentication=accounts.authentication,
        open_streams=accounts.open_streams,
        session_notices=accounts.session_notices,
        callers=Callers(accounts.authentication, accounts.cookies),
        cookies=accounts.cookies,
        accounts=accounts.accounts,
        administration=accounts.administration,
        erasing=Erasing(
            accounts.store,
            accounts.sessions,
            accounts.session_notices.ended,
            conversations,
            history,
            conversation_log,
            erasures,
        ),
        sessions=accounts.sessions,
        keys=accounts.keys,
        models=directory,
        submission=submission,
        prompting=Prompting(
            PromptContexts(history, conversation_reader, position, LoggedTurns(link)), submission
        ),
        relays=relays,
        opening=ReplyOpening(
            relays,
            history,
            PromptTraces(link, locations),
            start_deadline_s=settings.start_deadline_s,
        ),
        feeds=Feeds(
            link,
            metrics,
            longest_run_s=longest_run_s(
                start_deadline_s=start_deadline_s, replies_max_age_s=settings.replies_max_age_s
            ),
        ),
        places=QueuePlaces(Queues(link, depths, directory), locations),
        background=background,
        cancellation=cancellation,
        hang_ups=hang_ups,
        retrying=Retrying(
            link, StoredPrompts(history, conversation_reader), submission, secret=secret
        ),
        history=history,
        conversations=conversations,
        conversation_reader=conversation_reader,
        conversation_log=conversation_log,
        position=position,
        usage=UsageReports(
            MongoUsageReader(store),
            accounts.accounts,
            LiveStates(directory, depths, ConsumerLags(link, settings.archive_every_s)),
            settings.prices,
        ),
        store=MongoProbe(store),
        sockets=OpenSockets(),
        metrics=metrics,
        model_metrics=ModelMetrics(registry, directory, depths),
    )


class _AccountParts(NamedTuple):
    """What belongs to accounts, built together."""

    authentication: Authentication
    open_streams: OpenStreams
    session_notices: SessionNotices
    cookies: SessionCookies
    accounts: Accounts
    administration: Administration
    store: MongoAccountStore
    sessions: MongoSessionStore
    keys: MongoApiKeyStore


def _build_accounts(
    settings: GatewaySettings, store: Store, link: BrokerLink, secret: bytes
) -> _AccountParts:
    refresh_tokens = RefreshTokens(secret)
    accounts, sessions = MongoAccountStore(store), MongoSessionStore(store, refresh_tokens)
    invitations, keys = MongoInvitationStore(store), MongoApiKeyStore(store)
    tokens = AccessTokens(secret)
    authentication = Authentication(keys, SignIns(accounts, sessions), tokens)
    open_streams = OpenStreams(authentication)
    notices = SessionNotices(link, open_streams)
    return _AccountParts(
        authentication,
        open_streams,
        notices,
        SessionCookies(secret, settings.origins),
        Accounts(
            accounts,
            sessions,
            invitations,
            MongoLoginLimits(store),
            Passwords(),
            tokens,
            refresh_tokens,
            notices.ended,
            AdminCodeFile(settings.data_dir).forget,
            registration=settings.registration,
        ),
        Administration(accounts, sessions, invitations, notices.ended),
        accounts,
        sessions,
        keys,
    )


def _observe(app: Application, metrics: GatewayMetrics) -> None:
    """Log and count every answer, also those to requests that no route takes."""

    async def begin(request: Request) -> None:
        # A connection is one task, so what an earlier request has bound is still there.
        structlog.contextvars.clear_contextvars()
        go_on_with(request.headers)
        request.ctx.began_at = time.perf_counter()

    async def answered(request: Request, response: BaseHTTPResponse) -> None:
        began_at = getattr(request.ctx, "began_at", None)
        seconds = 0.0 if began_at is None else time.perf_counter() - began_at
        metrics.answered(_template(request), _method(request), response.status, seconds)
        if not getattr(request.ctx, "streaming", False):
            # Probes come every few seconds and would drown the rest.
            write = log.debug if request.path in _PROBES else log.info
            write(
                "request",
                method=request.method,
                path=request.path,
                status=response.status,
                ms=round(seconds * 1000, 1),
            )

    app.register_middleware(begin, "request")
    app.register_middleware(answered, "response")


def _template(request: Request) -> str:
    """Return the path of the request's route, in which ids are placeholders."""
    if request.route is None:
        return "unmatched"
    return "/" + _PLACEHOLDER.sub(r"{\1}", request.route.path)


def _method(request: Request) -> str:
    """Return the method if it is one: a client may invent any number of others."""
    return request.method if request.method in _METHODS else "other"
