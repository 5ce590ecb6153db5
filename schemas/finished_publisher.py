"""Tell the log of facts that a reply has ended: once, whoever says it first."""

from collections.abc import Mapping

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError

from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.events import ReplyFinished, encode_event
from schemas.streams import CHAT, TEMPORARY_TTL_S
from schemas.tracing import inject, span


async def publish_finished(
    jetstream: JetStreamContext,
    event: ReplyFinished,
    came_with: Mapping[str, str] | None = None,
) -> None:
    """Store the event; a repeat within the duplicate window is not stored again.

    Its trace is the one at hand, or that of the prompt that ``came_with`` these headers. Raises
    ``LogUnavailable`` when the outcome is unknown.
    """
    headers = {"Nats-Msg-Id": f"finished:{event.reply_id}"}
    if event.temporary:
        headers["Nats-TTL"] = str(TEMPORARY_TTL_S)
    subject_of = subjects.finished_title if event.kind == "title" else subjects.finished
    subject = subject_of(event.user_id, event.model)
    try:
        with span("finished publish", "producer", came_with=came_with, reply_id=event.reply_id):
            inject(headers)
            await jetstream.publish(subject, encode_event(event), stream=CHAT, headers=headers)
    except (NatsError, APIError, TimeoutError) as error:
        raise LogUnavailable(f"the end of a reply was not stored: {error!r}") from error
