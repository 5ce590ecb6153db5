"""Read what the log of facts says about a reply."""

from nats.aio.client import Client

from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.ending import folded, usage_of
from schemas.events import PromptSubmitted, ReplyFinished, decode_event
from schemas.reply_log import ReplyLog
from schemas.streams import CHAT
from tests.gateway.eventually import eventually


async def finished_events(broker: Client, prompt: PromptSubmitted) -> list[ReplyFinished]:
    """Return every ReplyFinished of a prompt's reply; ``prompt`` names the user and the model."""
    reader = await DirectGet.open(broker)
    subject = subjects.finished(prompt.user_id, prompt.model)
    found, after, pending = [], 0, 1
    while pending:
        messages, pending = await reader.read(
            CHAT, {"seq": after + 1, "next_by_subj": subject, "batch": 100}
        )
        for message in messages:
            after = int((message.headers or {})["Nats-Sequence"])
            event = decode_event(message.data)
            if isinstance(event, ReplyFinished) and event.reply_id == prompt.reply_id:
                found.append(event)
    return found


async def finished_event(broker: Client, prompt: PromptSubmitted) -> ReplyFinished:
    """Return the one ReplyFinished of a reply, waiting for it."""
    (event,) = await eventually(lambda: finished_events(broker, prompt), bool)
    return event


async def agreed_event(broker: Client, log: ReplyLog, prompt: PromptSubmitted) -> ReplyFinished:
    """Return the one ReplyFinished after checking that it is what the frames say."""
    event = await finished_event(broker, prompt)
    reply = folded(await log.read(prompt.reply_id))
    assert reply.end is not None
    assert event.status == reply.end.status
    assert event.text == reply.text
    assert event.usage == usage_of(reply.end, reply.state.tokens)
    return event
