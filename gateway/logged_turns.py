"""Read turns from the two logs, which know what the history has not stored yet, or never will."""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar, cast

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.errors import BrokerUnavailable, ParentNotReady
from gateway.history import Branch
from gateway.logged_state import LoggedState, folded_state
from schemas import subjects
from schemas.direct_get import LogUnavailable
from schemas.ending import folded
from schemas.events import (
    ChatMessage,
    ConversationCreated,
    Event,
    PromptSubmitted,
    ReplyFinished,
)
from schemas.fact_log import facts_after, facts_since
from schemas.ids import made_at_ms
from schemas.prompt_log import (
    AFTER_MS,
    BEFORE_MS,
    StoredPrompt,
    find_first_prompt,
    find_prompt_of_answer,
)

Found = TypeVar("Found")


class LoggedTurn(NamedTuple):
    """A prompt and the branch that its ended reply makes."""

    prompt: PromptSubmitted
    branch: Branch


class Beginning(NamedTuple):
    """Where the log has a conversation's first event."""

    sequence: int
    temporary: bool = False


class LoggedTurns:
    """Reads one user's turns; every method raises ``BrokerUnavailable``."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link

    async def turn(self, user_id: str, message_id: str) -> LoggedTurn | None:
        """Return the turn whose answer is this message, or ``None`` if it is not in the log.

        Raises ``ParentNotReady`` while the reply has not ended.
        """
        stored = await self._asking(
            lambda session: find_prompt_of_answer(session.direct_get, user_id, message_id)
        )
        if stored is None or stored.prompt.kind != "chat":
            return None
        text = await self._asking(lambda session: _text(session, stored))
        if text is None:
            raise ParentNotReady(param="parent_id")
        prompt = stored.prompt
        answer = (ChatMessage("assistant", text),) if text else ()
        branch = Branch((*prompt.messages, *answer), message_id, prompt.omitted_messages)
        return LoggedTurn(prompt, branch)

    async def beginning(self, user_id: str, conversation_id: str) -> Beginning | None:
        """Return how a conversation began, if the log holds that."""

        async def look(session: BrokerSession) -> Beginning | None:
            reader, made_ms = session.direct_get, made_at_ms(conversation_id)
            subject = subjects.conversation(user_id)
            async for fact in facts_since(reader, subject, made_ms - BEFORE_MS):
                if fact.stored_at_ms > made_ms + AFTER_MS:
                    break
                event = fact.event
                if (
                    isinstance(event, ConversationCreated)
                    and event.conversation_id == conversation_id
                ):
                    return Beginning(fact.sequence)
            first = await find_first_prompt(reader, user_id, conversation_id)
            if first is None:
                return None
            return Beginning(first.sequence, first.prompt.temporary)

        return await self._asking(look)

    async def state(self, user_id: str, conversation_id: str, after: int) -> LoggedState:
        """Return what became of a conversation behind a sequence."""
        lane = subjects.lane_of(conversation_id)

        async def look(session: BrokerSession) -> LoggedState:
            found: dict[int, Event] = {}
            for subject in (
                subjects.prompts_of_lane(user_id, lane),
                subjects.conversation(user_id),
            ):
                async for fact in facts_after(session.direct_get, subject, after):
                    if getattr(fact.event, "conversation_id", None) == conversation_id:
                        found[fact.sequence] = cast("Event", fact.event)
            return folded_state(found[sequence] for sequence in sorted(found))

        return await self._asking(look)

    async def _asking(self, ask: Callable[[BrokerSession], Awaitable[Found]]) -> Found:
        try:
            return await ask(self._link.session())
        except LogUnavailable as error:
            raise BrokerUnavailable from error


async def _text(session: BrokerSession, stored: StoredPrompt) -> str | None:
    """Return the text of an ended reply, ``None`` while it has not ended."""
    reply = folded(await session.reply_log.read(stored.prompt.reply_id))
    if reply.end is not None:
        return reply.text
    if time.time() * 1000 < stored.prompt.deadline_ms:
        return None
    # Its frames may have expired, or cannot be read; how it ended is kept for longer.
    subject = subjects.finished(stored.prompt.user_id, stored.prompt.model)
    async for fact in facts_after(session.direct_get, subject, stored.sequence):
        event = fact.event
        if isinstance(event, ReplyFinished) and event.reply_id == stored.prompt.reply_id:
            return event.text
    return None
