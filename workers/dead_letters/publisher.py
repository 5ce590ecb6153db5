"""Keep a prompt that was given up, before anybody is told that its reply failed."""

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError

from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.events import PromptDied, encode_event
from schemas.streams import CHAT, TEMPORARY_TTL_S


async def publish_dead_letter(jetstream: JetStreamContext, letter: PromptDied) -> None:
    """Store the letter; a repeat within the duplicate window is not stored again.

    Raises ``LogUnavailable`` when the outcome is unknown.
    """
    prompt = letter.prompt
    headers = {"Nats-Msg-Id": f"dead:{prompt.reply_id}"}
    if prompt.temporary:
        headers["Nats-TTL"] = str(TEMPORARY_TTL_S)
    subject = subjects.dead_letter(prompt.user_id, prompt.model)
    try:
        await jetstream.publish(subject, encode_event(letter), stream=CHAT, headers=headers)
    except (NatsError, APIError, TimeoutError) as error:
        raise LogUnavailable(f"a dead letter was not stored: {error!r}") from error
