"""Open a reply for a reader: in the log where it can be, else from the store where it has expired.

An id that passes the owner check was made here for this user, so an id without any trace is either
a prompt that is still on its way to the store, or one that was deleted or never got there: then the
log of facts does not hold it either.
"""

import time
from typing import NamedTuple

import structlog

from gateway.errors import CursorRefused, NotFound, StoreUnavailable, Unavailable
from gateway.history import HistoryReader, StoredMessage
from gateway.prompt_traces import PromptTraces
from gateway.relay_ports import RelayedFrame
from gateway.reply_relay import LogExpired, ReplyRelay
from gateway.reply_relays import ReplyRelays
from schemas.cursor import Cursor
from schemas.direct_get import LogUnavailable
from schemas.ids import made_at_ms

# A prompt is in the store within milliseconds, unless the consumers are away; until then it may
# be waiting for a worker and deserves the benefit of the doubt.
_ON_ITS_WAY_S = 60.0

log = structlog.get_logger(__name__)


class OpenedReply(NamedTuple):
    """A reply in the log: its relay, and the frames that were there already."""

    relay: ReplyRelay
    frames: list[RelayedFrame]


class ReplyOpening:
    """Opens replies for readers that come from outside, with a cursor or without."""

    def __init__(
        self,
        relays: ReplyRelays,
        history: HistoryReader,
        traces: PromptTraces,
        *,
        start_deadline_s: float,
    ) -> None:
        self._relays = relays
        self._history = history
        self._traces = traces
        self._start_deadline_s = start_deadline_s

    async def open(
        self, user_id: str, reply_id: str, cursor: Cursor
    ) -> OpenedReply | StoredMessage:
        """Return the reply from ``cursor`` on, or the finished message if its log has expired.

        The caller releases the relay. Raises ``NotFound``, ``CursorRefused`` or ``Unavailable``.
        """
        deadline_ms = made_at_ms(reply_id) + round(self._start_deadline_s * 1000)
        relay = await self._relays.follow(user_id, reply_id, cursor, deadline_ms=deadline_ms)
        keep = False
        try:
            found = await self._look(user_id, relay)
            keep = isinstance(found, OpenedReply)
            return found
        except LogUnavailable as error:
            raise Unavailable(str(error)) from error
        finally:
            if not keep:
                await self._relays.release(relay)

    async def finished(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the finished message of a reply, if the store has it and answers."""
        try:
            message = await self._history.answer(user_id, reply_id)
        except StoreUnavailable:
            return None
        return message if message is not None and message.status != "pending" else None

    async def _look(self, user_id: str, relay: ReplyRelay) -> OpenedReply | StoredMessage:
        try:
            frames = await relay.catch_up()
        except LogExpired:
            message = await self._history.answer(user_id, relay.reply_id)
            known = relay.cursor.state.characters
            if message is None and not await self._traces.in_log(user_id, relay.reply_id):
                raise _gone() from None
            if message is None or message.status == "pending" or known > len(message.content):
                raise CursorRefused from None
            return message
        if relay.cursor.sequence > 0:
            return OpenedReply(relay, frames)
        message = await self._trace(user_id, relay.reply_id)
        return message if message is not None else OpenedReply(relay, frames)

    async def _trace(self, user_id: str, reply_id: str) -> StoredMessage | None:
        """Return the finished message of a reply without frames, ``None`` if it is yet to come."""
        age_s = time.time() - made_at_ms(reply_id) / 1000
        try:
            message = await self._history.answer(user_id, reply_id)
        except StoreUnavailable:
            if age_s < self._start_deadline_s:
                return None
            raise
        if message is not None:
            return None if message.status == "pending" else message
        # Temporary prompts are never in the store; they too must begin before their deadline.
        may_wait = age_s < max(self._start_deadline_s, _ON_ITS_WAY_S)
        if may_wait and await self._traces.has(user_id, reply_id):
            return None
        raise _gone()


def _gone() -> NotFound:
    return NotFound("This reply does not exist, or not any more; check its id.")
