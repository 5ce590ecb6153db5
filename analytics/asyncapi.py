"""Generate the AsyncAPI document of the log from the code: who sends what, and who reads it.

The receiving side of CHAT is the consumers themselves; the rest is declared here from the subject
builders and structs that gateway and workers use.
"""

from typing import Annotated, Any

import orjson
from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI

from analytics.event_payload import EventPayload
from analytics.projections import PROJECTIONS, Ground
from analytics.store_client import open_store
from schemas import subjects
from schemas.beacon import Beacon
from schemas.events import (
    ConversationEvent,
    PromptDied,
    PromptSubmitted,
    ReplyFinished,
    UserErased,
)
from schemas.frames import Frame
from schemas.reply_log import Claim

_DESCRIPTION = (
    "What runs over the broker. CHAT (`chat.>`) is the log of facts, REPLIES (`reply.*`, "
    "`claim.*`) the token log; the broker republishes each stored frame on `live.<reply_id>` with "
    "the headers `Nats-Sequence` and `Nats-Last-Sequence`, and each stored fact, without its "
    "payload, on `facts.>` in place of `chat.>`. Payloads are JSON."
)
_BROKER = "nats://localhost:4222"
_STORE = "mongodb://localhost:27017"


def asyncapi_document(version: str) -> str:
    """Return the document as JSON; connects to nothing."""
    broker = NatsBroker(_BROKER)
    ground = Ground(broker, open_store(_STORE), b"")
    for register in PROJECTIONS.values():
        register(ground)
    _describe_senders(broker)
    _describe_live(broker)
    document = AsyncAPI(
        broker,
        title="Rivulet",
        version=version,
        description=_DESCRIPTION,
        schema_version="3.0.0",
    ).to_specification()
    described = document.to_jsonable()
    _drop_correlation(described)
    return orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def _describe_senders(broker: NatsBroker) -> None:
    for subject, kind, sender in (
        ("chat.{user_id}.prompt.{model}.{lane}", PromptSubmitted, "gateway"),
        ("chat.{user_id}.finished.{model}", ReplyFinished, "worker, or the gateway that cancels"),
        ("chat.{user_id}.prompt.{model}.title", PromptSubmitted, "analytics, for a title"),
        ("chat.{user_id}.finished.{model}.title", ReplyFinished, "worker, of a title"),
        ("chat.{user_id}.conversation", ConversationEvent, "gateway"),
        ("chat.erased.{user_id}", UserErased, "gateway"),
        ("chat.{user_id}.dead_letter.{model}", PromptDied, "worker that gives a prompt up"),
        (subjects.reply("{reply_id}"), Frame, "worker, or the gateway that cancels"),
        (subjects.claim("{reply_id}"), Claim, "worker or gateway, by compare-and-set only"),
        ("worker.{model}.{worker}", Beacon, "worker, every second, not stored"),
    ):
        broker.publisher(
            subject,
            title=subject,
            description=f"Sent by: {sender}.",
            schema=Annotated[kind, EventPayload()],
        )


def _describe_live(broker: NatsBroker) -> None:
    @broker.subscriber(subjects.live("{reply_id}"), title=subjects.live("{reply_id}"))
    async def live(frame: Annotated[Frame, EventPayload()]) -> None:
        """Read the frames of a running reply, in stream order and after they are stored."""


def _drop_correlation(document: dict[str, Any]) -> None:
    """FastStream claims a correlation id header that our messages do not carry."""
    for message in document["components"]["messages"].values():
        message.pop("correlationId", None)
