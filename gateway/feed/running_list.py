"""List the replies of a user that run at one moment, without reading those that have ended.

The headers of the user's events say which prompts have no end; only their bodies are read.
"""

import time

from gateway.broker_link import BrokerSession
from gateway.feed.event_news import running_reply
from gateway.feed.news import RunningReply
from gateway.header_scan import HeaderScan, Listed, since
from gateway.queue_locations import REPLY_ID_HEADER
from schemas import subjects
from schemas.events import PromptSubmitted, decode_event
from schemas.streams import CHAT

_SCANNED_TOGETHER = 1_000
_SCAN_KEPT_S = 5.0
_FINISHED = "finished:"


async def running_at(
    session: BrokerSession, user_id: str, sequence: int, longest_run_s: float
) -> list[RunningReply]:
    """Return what ran when the log ended with ``sequence``, oldest first.

    A reply that began more than ``longest_run_s`` ago is over, whatever the log says of it.
    Raises ``LogUnavailable``.
    """
    running = []
    begun, finished = await _listed(session, user_id, sequence, longest_run_s)
    for prompt in begun:
        if prompt.headers.get(REPLY_ID_HEADER) in finished:
            continue
        event = await _prompt(session, user_id, prompt.sequence)
        # A dead letter's retry has no such header.
        if event is not None and event.kind == "chat" and event.reply_id not in finished:
            running.append(running_reply(event))
    return running


async def _listed(
    session: BrokerSession, user_id: str, sequence: int, longest_run_s: float
) -> tuple[list[Listed], set[str]]:
    """Return the prompts up to ``sequence``, and the ids of the replies that ended up to it."""
    begun: list[Listed] = []
    finished: set[str] = set()
    start = since(round((time.time() - longest_run_s) * 1000))
    scan = await HeaderScan.open(
        session.client, subjects.facts_of_user(user_id), start=start, kept_s=_SCAN_KEPT_S
    )
    try:
        left = scan.found
        while left > 0 and (events := await scan.next(min(left, _SCANNED_TOGETHER))):
            left -= len(events)
            for event in events:
                if event.sequence > sequence:
                    return begun, finished
                if _is_of(event, subjects.prompts_of_user(user_id)):
                    begun.append(event)
                elif _is_of(event, subjects.finished_of_user(user_id)):
                    finished.add(event.headers.get("Nats-Msg-Id", "").removeprefix(_FINISHED))
    finally:
        await scan.close()
    return begun, finished


def _is_of(event: Listed, pattern: str) -> bool:
    return event.subject.startswith(pattern.removesuffix(">"))


async def _prompt(session: BrokerSession, user_id: str, sequence: int) -> PromptSubmitted | None:
    """Return the prompt with this sequence; ``None`` if it was erased or does not parse."""
    where = {"seq": sequence, "next_by_subj": subjects.prompts_of_user(user_id), "batch": 1}
    messages, _ = await session.direct_get.read(CHAT, where)
    if not messages or int((messages[0].headers or {})["Nats-Sequence"]) != sequence:
        return None
    try:
        event = decode_event(messages[0].data)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, PromptSubmitted) else None
