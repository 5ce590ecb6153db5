"""Turns that end now, and the title prompts that the log holds."""

import time
from typing import Any

from nats.aio.client import Client

from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.events import PromptSubmitted, ReplyFinished
from schemas.fact_log import facts_after
from schemas.streams import CHAT, TITLES_CONSUMER
from tests.analytics.consumer_process import eventually
from tests.analytics.replies import MODEL, end_of, prompt_of

Turn = tuple[PromptSubmitted, ReplyFinished]


def turn_now(user_id: str | None = None, **changes: Any) -> Turn:
    """Return a prompt of this moment and how its reply ended; ``end`` changes the latter."""
    end_changes: dict[str, Any] = changes.pop("end", {})
    now_ms = time.time_ns() // 1_000_000
    prompt = prompt_of(user_id, submitted_at_ms=now_ms, **changes)
    return prompt, end_of(prompt, **end_changes)


async def titles_in_log(broker: Client, user_id: str) -> list[PromptSubmitted]:
    """Return every title prompt of a user, oldest first."""
    reader = await DirectGet.open(broker)
    subject = subjects.title_prompt(user_id, MODEL)
    facts = [fact.event async for fact in facts_after(reader, subject, 0)]
    return [event for event in facts if isinstance(event, PromptSubmitted)]


async def settled(broker: Client) -> None:
    """Return once the consumer has handled all that is in the log."""

    async def left() -> int:
        info = await broker.jetstream().consumer_info(CHAT, TITLES_CONSUMER)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    await eventually(left, 0)
