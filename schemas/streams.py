"""Declare the two streams and their consumers; whoever starts first does it.

Declaring is idempotent: what is missing is made, what is there is compared and left alone. A
difference is returned as a ``Drift`` for the service to report; ``python -m schemas`` applies it.
Why two streams and these options: ``docs/adr/0001-one-log-two-streams.md``.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    RePublish,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from schemas import subjects

CHAT = "CHAT"
REPLIES = "REPLIES"
HISTORY_CONSUMER = "history"
USAGE_CONSUMER = "usage"
TITLES_CONSUMER = "titles"
ARCHIVE_CONSUMER = "archive"

DAY_S = 86_400.0
CHAT_MAX_AGE_S = 30 * DAY_S
REPLIES_MAX_AGE_S = 3_600.0
# Idempotency keys hold for this long; the broker keeps every message id in memory meanwhile.
DUPLICATE_WINDOW_S = 600.0
# What is temporary leaves the log after this; it is answered or past its deadline by then.
TEMPORARY_TTL_S = 3_600
# Must exceed the in-progress period (1.5 s), the broker's rounding of it (1 s) and a short broker
# restart, or living workers lose their prompts to others after each restart.
ACK_WAIT_S = 5.0
# Of the projections: a store may be away for a while before the event is handed out again.
_PROJECTION_ACK_WAIT_S = 30.0
_PROJECTION_MAX_ACK_PENDING = 1_000
# Of the archive, which gathers a file's rows for minutes and sets itself back when it starts.
_ARCHIVE_ACK_WAIT_S = 3_600.0
_ARCHIVE_MAX_ACK_PENDING = 200_000
_UNLIMITED = -1
_API_S = 5.0


class Drift(NamedTuple):
    """One option of a stream or consumer that is not what this version would declare."""

    name: str
    option: str
    declared: object
    found: object


def chat_stream(max_age_s: float = CHAT_MAX_AGE_S) -> StreamConfig:
    """The log of facts: prompts, finished replies, conversations, feedback.

    Each is republished without its body after it was stored, to wake who waits for news of its
    user (``docs/adr/0008-news-is-read-from-the-log.md``).
    """
    return StreamConfig(
        name=CHAT,
        subjects=[subjects.ALL_FACTS],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        max_age=max_age_s,
        duplicate_window=min(DUPLICATE_WINDOW_S, max_age_s),
        allow_direct=True,
        allow_msg_ttl=True,
        republish=RePublish(src=subjects.ALL_FACTS, dest=subjects.ALL_WAKE_UPS, headers_only=True),
    )


def replies_stream(max_age_s: float = REPLIES_MAX_AGE_S) -> StreamConfig:
    """The token log. Frames are republished after they are stored; claims are not.

    ``persist_mode`` stays at its default: ``async`` reuses sequences after a kill, and then
    cursors point at other frames.
    """
    return StreamConfig(
        name=REPLIES,
        subjects=["reply.*", "claim.*"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        max_age=max_age_s,
        duplicate_window=min(DUPLICATE_WINDOW_S, max_age_s),
        allow_direct=True,
        allow_msg_ttl=True,
        republish=RePublish(src="reply.*", dest="live.{{wildcard(1)}}"),
    )


def worker_consumer(model: str, ack_wait_s: float = ACK_WAIT_S) -> ConsumerConfig:
    """The consumer that hands out one model's prompts to whichever worker has a free slot.

    ``max_deliver`` is unlimited because naks of a drain count towards it; a poisonous prompt is
    recognised from the log instead.
    """
    return _durable(
        subjects.worker_consumer(model),
        filters=[subjects.prompts_of_model(model)],
        ack_wait_s=ack_wait_s,
        max_ack_pending=_UNLIMITED,
    )


def projection_consumer(name: str, filters: Sequence[str]) -> ConsumerConfig:
    """A consumer that folds the CHAT stream into documents."""
    return _durable(
        name,
        filters=list(filters),
        ack_wait_s=_PROJECTION_ACK_WAIT_S,
        max_ack_pending=_PROJECTION_MAX_ACK_PENDING,
    )


def history_consumer() -> ConsumerConfig:
    """Folds what was asked, answered and changed into conversations and messages."""
    filters = [
        subjects.ALL_PROMPTS,
        subjects.ALL_FINISHED,
        subjects.ALL_CONVERSATIONS,
        subjects.ALL_ERASED_USERS,
    ]
    return projection_consumer(HISTORY_CONSUMER, filters)


def usage_consumer() -> ConsumerConfig:
    """Folds finished replies into usage documents."""
    return projection_consumer(USAGE_CONSUMER, [subjects.ALL_FINISHED])


def titles_consumer() -> ConsumerConfig:
    """Asks for titles; it never sees the past, also when it is made anew."""
    return _durable(
        TITLES_CONSUMER,
        filters=[subjects.ALL_FINISHED],
        ack_wait_s=_PROJECTION_ACK_WAIT_S,
        max_ack_pending=_PROJECTION_MAX_ACK_PENDING,
        deliver=DeliverPolicy.NEW,
    )


def archive_consumer() -> ConsumerConfig:
    """Copies the whole log into files; one acknowledgement stands for all that came before."""
    return _durable(
        ARCHIVE_CONSUMER,
        filters=[subjects.ALL_FACTS],
        ack_wait_s=_ARCHIVE_ACK_WAIT_S,
        max_ack_pending=_ARCHIVE_MAX_ACK_PENDING,
        ack=AckPolicy.ALL,
    )


def _durable(
    name: str,
    *,
    filters: list[str],
    ack_wait_s: float,
    max_ack_pending: int,
    deliver: DeliverPolicy = DeliverPolicy.ALL,
    ack: AckPolicy = AckPolicy.EXPLICIT,
) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=name,
        name=name,
        deliver_policy=deliver,
        ack_policy=ack,
        ack_wait=ack_wait_s,
        max_deliver=_UNLIMITED,
        max_ack_pending=max_ack_pending,
        filter_subject=filters[0] if len(filters) == 1 else None,
        filter_subjects=filters if len(filters) > 1 else None,
    )


async def declare_streams(
    broker: Client,
    *,
    chat_max_age_s: float = CHAT_MAX_AGE_S,
    replies_max_age_s: float = REPLIES_MAX_AGE_S,
    apply: bool = False,
) -> list[Drift]:
    """Make CHAT and REPLIES where they are missing; return how existing ones differ.

    A CHAT that republishes nothing begins to, without being asked: those who wait for news would
    hear of it seconds late, and nobody would know why. With ``apply`` the differences are changed
    on the broker instead (which refuses some).
    """
    drifts: list[Drift] = []
    for wanted in (chat_stream(chat_max_age_s), replies_stream(replies_max_age_s)):
        drifts += await _declare_stream(broker, wanted, apply=apply)
    return drifts


async def declare_consumer(
    broker: Client, wanted: ConsumerConfig, *, apply: bool = False
) -> list[Drift]:
    """Make a consumer of CHAT where it is missing; return how an existing one differs.

    Its subjects are what its version reads, and are changed at once: events that it does not ask
    for would be passed over for good. Other options stay as an operator may have set them.
    """
    jetstream = broker.jetstream()
    name = str(wanted.durable_name)
    try:
        found = (await jetstream.consumer_info(CHAT, name)).config
    except NotFoundError:
        await jetstream.add_consumer(CHAT, wanted)
        return []
    if _subjects(found) != _subjects(wanted):
        found.filter_subject, found.filter_subjects = wanted.filter_subject, wanted.filter_subjects
        found = (await jetstream.add_consumer(CHAT, found)).config
    drifts = _compare(name, wanted, found)
    if drifts and apply:
        await jetstream.add_consumer(CHAT, wanted)
        return []
    return drifts


def _subjects(consumer: ConsumerConfig) -> list[str]:
    one = [consumer.filter_subject] if consumer.filter_subject else []
    return sorted(consumer.filter_subjects or one)


async def _declare_stream(broker: Client, wanted: StreamConfig, *, apply: bool) -> list[Drift]:
    jetstream, name = broker.jetstream(), str(wanted.name)
    try:
        found = (await jetstream.stream_info(name)).config
    except NotFoundError:
        await _add_stream(jetstream, wanted)
        return []
    if name == CHAT and found.republish is None:
        found.republish = await _with_republish(broker, wanted)
    drifts = _compare(name, wanted, found)
    if drifts and apply:
        await jetstream.update_stream(wanted)
        return []
    return drifts


async def _with_republish(broker: Client, wanted: StreamConfig) -> RePublish | None:
    """Add it to what the broker has, and return it; ``None`` where the broker refuses.

    In the broker's own words: the client library would lose the options that it does not know.
    """
    name, republish = str(wanted.name), wanted.republish or RePublish()
    found = await _api(broker, f"STREAM.INFO.{name}", {})
    try:
        config = {**found["config"], "republish": republish.as_dict()}
        await _api(broker, f"STREAM.UPDATE.{name}", config)
    except APIError:
        return None
    return republish


async def _api(broker: Client, call: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await broker.request(f"$JS.API.{call}", msgspec.json.encode(body), timeout=_API_S)
    found: dict[str, Any] = msgspec.json.decode(answer.data)
    if "error" in found:
        APIError.from_error(found["error"])
    return found


_STREAM_NAME_IN_USE = 10058


async def _add_stream(jetstream: JetStreamContext, wanted: StreamConfig) -> None:
    try:
        await jetstream.add_stream(wanted)
    except APIError as error:
        # Another service declared it, with other options, between our look and our try.
        if error.err_code != _STREAM_NAME_IN_USE:
            raise


def _compare(name: str, wanted: Any, found: Any) -> list[Drift]:
    declared = {key: value for key, value in vars(wanted).items() if value is not None}
    return [
        Drift(name, option, value, getattr(found, option))
        for option, value in declared.items()
        if _plain(getattr(found, option)) != _plain(value)
    ]


def _plain(value: Any) -> Any:
    """Reduce enumerations and nested options to values that compare across the wire."""
    if hasattr(value, "__dict__") and not isinstance(value, str):
        return {key: _plain(inner) for key, inner in vars(value).items() if inner is not None}
    return getattr(value, "value", value)
