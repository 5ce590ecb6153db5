"""Ask the question of a dead letter once more, as a new reply beside the failed one."""

import hashlib
import time

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from schemas.direct_get import LogUnavailable
from schemas.events import PromptSubmitted, decode_event, encode_event
from schemas.prompt_log import sibling_prompt, subject_of
from schemas.streams import CHAT, TEMPORARY_TTL_S
from workers.dead_letters.reader import StoredLetter


async def retry(
    jetstream: JetStreamContext, stored: StoredLetter, *, secret: bytes, start_deadline_s: float
) -> str:
    """Store the prompt anew, then delete the letter; return the new reply's id.

    A repeat after a failure returns the same id while the broker remembers the first one
    (10 minutes). Raises ``LogUnavailable``.
    """
    now_ms = time.time_ns() // 1_000_000
    prompt = sibling_prompt(
        stored.letter.prompt, secret, now_ms=now_ms, start_deadline_s=start_deadline_s
    )
    try:
        reply_id = await _publish(jetstream, prompt, stored.letter.prompt.reply_id)
        await _delete(jetstream, stored.sequence)
    except (NatsError, APIError, TimeoutError, msgspec.DecodeError) as error:
        raise LogUnavailable(f"the broker did not take it: {error!r}") from error
    return reply_id


async def _publish(jetstream: JetStreamContext, prompt: PromptSubmitted, dead_reply_id: str) -> str:
    digest = hashlib.sha256(f"retry:{dead_reply_id}".encode()).hexdigest()
    headers = {"Nats-Msg-Id": f"prompt:{prompt.user_id}:{digest}"}
    if prompt.temporary:
        headers["Nats-TTL"] = str(TEMPORARY_TTL_S)
    subject = subject_of(prompt)
    ack = await jetstream.publish(subject, encode_event(prompt), stream=CHAT, headers=headers)
    if not ack.duplicate:
        return prompt.reply_id
    # Published by a retry that did not come to delete the letter.
    earlier = decode_event((await jetstream.get_msg(CHAT, ack.seq)).data or b"")
    return earlier.reply_id if isinstance(earlier, PromptSubmitted) else prompt.reply_id


async def _delete(jetstream: JetStreamContext, sequence: int) -> None:
    try:
        await jetstream.delete_msg(CHAT, sequence)
    except NotFoundError:
        # Somebody else retried it in the same moment; there is one new reply all the same.
        return
